import { beforeEach, describe, expect, it } from 'vitest';
import { Shelf } from '../../../actors/urza/shelf.ts';
import { BlueprintQuarantined } from '../../../contracts/index.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import type { Disk } from '../../../runtime/index.ts';
import { certificateFor, kernelFor, sha256 } from './examples.ts';

let disk: Disk;
let shelf: Shelf;
beforeEach(async () => {
  disk = memoryDisk();
  shelf = new Shelf(disk, 'home/urza', sha256);
  await shelf.load();
});

const found = BlueprintQuarantined.of({ blueprintId: 'bad', reasons: ['not_finite'], by: 'tolaria' });
const kernelPath = `home/urza/kernels/${kernelFor('a').kernelId.slice(7, 71)}.json`;

describe('the shelf', () => {
  it('gives back what was put on it', async () => {
    await shelf.putKernel({ kernel: kernelFor('a'), parents: ['p'] });
    await shelf.putCertificate({ certificate: certificateFor('a'), engine: 'engine-1' });
    await shelf.putCertificate({ certificate: certificateFor('a', { riskScore: 0.1 }), engine: 'engine-2' });
    await shelf.putQuarantine([found]);
    const contents = await new Shelf(disk, 'home/urza', sha256).load();

    expect(contents.kernels).toEqual([{ kernel: kernelFor('a'), parents: ['p'] }]);
    expect(contents.certificates.map(({ engine }) => engine).sort()).toEqual(['engine-1', 'engine-2']);
    expect(contents).toMatchObject({ quarantine: [found], corrupted: [] });
  });

  it('starts empty where there was nothing', async () => {
    expect(await new Shelf(memoryDisk(), 'new', sha256).load()).toEqual({
      kernels: [],
      certificates: [],
      quarantine: [],
      corrupted: [],
    });
  });

  it('sets a changed file aside, whichever byte it was', async () => {
    await shelf.putKernel({ kernel: kernelFor('a'), parents: [] });
    const whole = await disk.read(kernelPath);
    for (let at = 0; at < whole.length; at += 37) {
      const bytes = whole.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await disk.writeAtomic(kernelPath, bytes);
      const { kernels, corrupted } = await shelf.load();

      expect({ kernels, corrupted }).toEqual({
        kernels: [],
        corrupted: [kernelPath.slice('home/urza/'.length)],
      });
      expect(await disk.exists(kernelPath)).toBe(false);
    }
    expect(await disk.list('home/urza/corrupt')).toHaveLength(1);
  });

  it('sets aside half a file, and a kernel under the name of another', async () => {
    await shelf.putKernel({ kernel: kernelFor('a'), parents: [] });
    const whole = await disk.read(kernelPath);
    await disk.writeAtomic(kernelPath, whole.slice(0, whole.length / 2));
    expect((await shelf.load()).corrupted).toHaveLength(1);

    await disk.writeAtomic(`home/urza/kernels/${'0'.repeat(64)}.json`, whole);
    expect((await shelf.load()).corrupted).toEqual([`kernels/${'0'.repeat(64)}.json`]);
  });
});
