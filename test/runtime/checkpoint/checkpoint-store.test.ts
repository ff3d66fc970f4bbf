/** Checkpoints come back bit for bit or not at all, and two sound ones are always left. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import type { Checkpoint } from '../../../runtime/checkpoint/checkpoint.ts';
import { checkpointStore } from '../../../runtime/checkpoint/checkpoint-store.ts';

const folder = '/run/checkpoints';
const hasher = nodeHasher();
const storeOn = (disk: MemoryDisk, keep = 3) => checkpointStore({ disk, folder, hasher, keep });
const at = (boundary: number): Checkpoint => ({
  boundary,
  epoch: boundary,
  step: boundary * 10,
  structure: { slots: ['h1/widen'], grown: { a: 1 } },
  tensors: [
    { name: 'host/dense/kernel', shape: [2, 2], data: Float32Array.of(boundary, 0.1, Number.NaN, -0) },
    { name: 'host/dense/bias', shape: [], data: Float32Array.of(7) },
  ],
  extra: { random: [1, 2, 3, 4] },
});

describe('a checkpoint store', () => {
  it('gives back what was written, bit for bit', async () => {
    const disk = memoryDisk();
    const written = await storeOn(disk).write(at(3));
    const read = await storeOn(disk).read(written.file);

    expect(read).toEqual(at(3));
    expect(Object.is(read.tensors[0]?.data[3], -0)).toBe(true);
    const bytes = await disk.read(`${folder}/${written.file}`);
    expect(written).toEqual({ file: written.file, sha256: hasher.sha256([bytes]), bytes: bytes.length });
  });

  it('gives back any structure, extra and weights', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), fc.float32Array(), async (structure, extra, data) => {
        const store = storeOn(memoryDisk());
        const checkpoint = {
          ...at(1),
          structure,
          extra,
          tensors: [{ name: 'w', shape: [data.length], data }],
        };
        const read = await store.read((await store.write(checkpoint)).file);

        expect(JSON.stringify([read.structure, read.extra])).toBe(JSON.stringify([structure, extra]));
        expect(Buffer.from(read.tensors[0]!.data.slice().buffer)).toEqual(Buffer.from(data.slice().buffer));
      }),
      { numRuns: 50 },
    );
  });

  it('is empty at first', async () => {
    const store = storeOn(memoryDisk());

    expect(await store.list()).toEqual([]);
    expect(await store.newestVerified()).toBeUndefined();
    await expect(store.read(`00000001-boundary-1-${'0'.repeat(32)}.safetensors`)).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FOUND',
    });
  });

  it('calls the newest the one written last, even after a rollback', async () => {
    const store = storeOn(memoryDisk());
    for (const boundary of [8, 9, 7]) await store.write(at(boundary));

    expect((await store.list()).map(({ boundary }) => boundary)).toEqual([7, 9, 8]);
    expect((await store.newestVerified())?.checkpoint.boundary).toBe(7);
  });

  it('keeps the newest n', async () => {
    const disk = memoryDisk();
    const store = storeOn(disk, 3);
    for (let boundary = 0; boundary < 6; boundary++) await store.write(at(boundary));

    expect((await store.list()).map(({ boundary }) => boundary)).toEqual([5, 4, 3]);
    expect(await disk.list(folder)).toHaveLength(3);
  });

  it('never lets go of the newest two that are sound, whatever their age', async () => {
    const disk = memoryDisk();
    const store = storeOn(disk, 2);
    await store.write(at(1));
    await store.write(at(2));
    const [second] = await store.list();
    disk.flip(`${folder}/${second?.file}`, 999);
    await storeOn(disk, 2).write(at(3));

    expect((await store.list()).map(({ boundary }) => boundary)).toEqual([3, 1]);
  });

  it('refuses a file with any bit flipped, and moves it out of the way', async () => {
    const pristine = memoryDisk();
    const { file, bytes } = await storeOn(pristine).write(at(1));
    const sound = await pristine.read(`${folder}/${file}`);
    for (let bit = 0; bit < bytes * 8; bit++) {
      const disk = memoryDisk();
      disk.put(`${folder}/${file}`, sound);
      disk.flip(`${folder}/${file}`, bit);

      await expect(storeOn(disk).read(file)).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
      expect(await disk.list(folder)).toEqual([`${file}.quarantined`]);
    }
  });

  it('refuses a file cut anywhere', async () => {
    const pristine = memoryDisk();
    const { file, bytes } = await storeOn(pristine).write(at(1));
    const sound = await pristine.read(`${folder}/${file}`);
    for (let cut = 0; cut < bytes; cut++) {
      const disk = memoryDisk();
      disk.put(`${folder}/${file}`, sound.slice(0, cut));

      await expect(storeOn(disk).read(file)).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    }
  });

  it('refuses a sound file under the name of another', async () => {
    const disk = memoryDisk();
    const store = storeOn(disk);
    const one = await store.write(at(1));
    const two = await store.write(at(2));
    disk.put(`${folder}/${two.file}`, await disk.read(`${folder}/${one.file}`));

    await expect(store.read(two.file)).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    expect((await store.read(one.file)).boundary).toBe(1);
  });

  it('reads nothing outside its folder', async () => {
    const disk = memoryDisk();
    disk.put('/etc/secret', Uint8Array.of(1));

    await expect(storeOn(disk).read('../../etc/secret')).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
    });
    expect(await disk.exists('/etc/secret')).toBe(true);
  });

  it('falls back to the next older one, saying which it set aside', async () => {
    const disk = memoryDisk();
    const store = storeOn(disk);
    const files: string[] = [];
    for (const boundary of [1, 2, 3]) files.push((await store.write(at(boundary))).file);
    for (const file of files.slice(1)) disk.flip(`${folder}/${file}`, 1000);
    const found = await storeOn(disk).newestVerified();

    expect(found?.checkpoint).toEqual(at(1));
    expect(found?.quarantined).toEqual([files[2], files[1]]);
    expect((await storeOn(disk).write(at(4))).file).toMatch(/^00000004-boundary-4-/);
  });

  it('leaves the older ones when the disk is full', async () => {
    const disk = memoryDisk();
    const store = storeOn(disk, 2);
    for (const boundary of [1, 2]) await store.write(at(boundary));
    disk.capacity = 1100;

    await expect(store.write(at(3))).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect((await store.newestVerified())?.checkpoint.boundary).toBe(2);
  });

  it('holds a whole checkpoint after a power cut at any moment of a write', async () => {
    for (let nth = 1; nth <= 12; nth++) {
      for (let seed = 0; seed < 5; seed++) {
        const disk = memoryDisk();
        const store = storeOn(disk, 2);
        for (const boundary of [1, 2, 3]) await store.write(at(boundary));
        disk.fail({ operation: 'change', nth, code: 'DISK_FAILED', wrote: 100 * seed, lasting: true });
        const written = await store.write(at(4)).then(
          () => true,
          () => false,
        );
        disk.crash(randomStream(seed));
        const found = await storeOn(disk).newestVerified();

        expect(found?.quarantined).toEqual([]);
        expect(found?.checkpoint.boundary).toBeGreaterThanOrEqual(written ? 4 : 3);
      }
    }
  });
});
