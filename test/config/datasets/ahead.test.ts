/** Data that is read before a run is ordered is read once, and only for the run it was read for. */
import { beforeEach, describe, expect, it } from 'vitest';
import { loadAhead } from '../../../config/datasets/ahead.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { idxPair, task } from './fixtures.ts';

let disk: MemoryDisk;
beforeEach(() => {
  disk = memoryDisk();
});

function putMnist(folder: string, trainRows: number): void {
  const [train, test] = [idxPair(trainRows), idxPair(3)];
  disk.put(`${folder}/train-images-idx3-ubyte`, train.images);
  disk.put(`${folder}/train-labels-idx1-ubyte`, train.labels);
  disk.put(`${folder}/t10k-images-idx3-ubyte`, test.images);
  disk.put(`${folder}/t10k-labels-idx1-ubyte`, test.labels);
}

const mnist = task('mnist', { validationRows: 2 });
const env = (folder: string) => ({ disk, dataDirs: [folder], seed: 1 });

describe('reading ahead', () => {
  it('gives whoever asks for the same data the one set that was read', async () => {
    putMnist('/data/mnist', 9);
    const load = loadAhead(mnist, env('/data'));

    const first = await load({ ...mnist }, env('/data'));
    expect(first.train.count).toBe(7);
    expect(await load(mnist, env('/data'))).toBe(first);
  });

  it('reads anew for other rows, other folders and another seed', async () => {
    putMnist('/data/mnist', 9);
    putMnist('/other/mnist', 6);
    const load = loadAhead(mnist, env('/data'));
    const read = await load(mnist, env('/data'));

    expect((await load(task('mnist', { validationRows: 4 }), env('/data'))).train.count).toBe(5);
    expect((await load(mnist, env('/other'))).train.count).toBe(4);
    expect(await load(mnist, { ...env('/data'), seed: 2 })).not.toBe(read);
  });

  it('keeps what went wrong for whoever asks, and bothers nobody else with it', async () => {
    const load = loadAhead(mnist, env('/nowhere'));
    await new Promise((soon) => setImmediate(soon));
    await expect(load(mnist, env('/nowhere'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});
