/** What a mailbox has outside, in a folder: the same bytes come back in order, and a disk that fails costs little and is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memorySpillStore } from '../../../runtime/adapters/memory/spill.ts';
import { type Disk, folderSpillStore, type SpillStore } from '../../../runtime/index.ts';
import { decodeChunk, encodeChunk } from '../../../runtime/spill/chunk.ts';

const stores: [string, () => SpillStore][] = [
  ['memory', () => memorySpillStore()],
  [
    'a folder',
    () => folderSpillStore({ disk: memoryDisk(), folder: 'spill', log: memoryLog(), chunkBytes: 8 }),
  ],
];

describe.each(stores)('a spill in %s', (_name, store) => {
  it('gives back what it took, in order and once, and never holds more bytes than allowed', async () => {
    const op = fc.oneof(
      fc.uint8Array({ maxLength: 9 }).map((push) => ({ push })),
      fc.integer({ min: 1, max: 4 }).map((take) => ({ take })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(op, { maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        async (ops, maxBytes) => {
          const spill = store().open('top/a', maxBytes);
          const model: Uint8Array[] = [];
          const bytes = () => model.reduce((sum, { length }) => sum + length, 0);
          for (const step of ops) {
            if ('push' in step) {
              const fits = bytes() + step.push.length <= maxBytes;
              expect(spill.push(step.push)).toBe(fits);
              if (fits) model.push(step.push);
            } else {
              const taken = await spill.take(step.take);
              expect(taken.length).toBeLessThanOrEqual(step.take);
              expect(taken.length > 0).toBe(model.length > 0);
              expect(taken.map((record) => [...record])).toEqual(
                model.splice(0, taken.length).map((record) => [...record]),
              );
            }
            expect([spill.count, spill.bytes]).toEqual([model.length, bytes()]);
          }
          await spill.close();
          expect(spill.count).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a spill folder', () => {
  const record = (n: number) => Uint8Array.of(n, n, n, n);
  const open = (disk: Disk, log = memoryLog()) =>
    folderSpillStore({ disk, folder: 'spill', log, chunkBytes: 8 }).open('top/a', 1_000);
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('keeps what it holds when whoever lived at that path before clears up at last', async () => {
    const disk = memoryDisk();
    const store = folderSpillStore({ disk, folder: 'spill', log: memoryLog(), chunkBytes: 8 });
    const [before, after] = [store.open('top/a', 1_000), store.open('top/a', 1_000)];
    for (let n = 0; n < 4; n++) before.push(record(n));
    for (let n = 4; n < 8; n++) after.push(record(n));
    await settled();
    expect((await before.take(2)).map(([n]) => n)).toEqual([0, 1]);
    await before.close();

    expect((await after.take(2)).map(([n]) => n)).toEqual([4, 5]);
    expect((await after.take(2)).map(([n]) => n)).toEqual([6, 7]);
    await after.close();
    expect(await disk.list('spill/top%2Fa')).toEqual([]);
  });

  it('drops what an earlier process left, and leaves nothing behind', async () => {
    const disk = memoryDisk();
    await disk.folder('spill/top%2Fa');
    await disk.writeAtomic('spill/top%2Fa/00000007.spill', record(1));
    const spill = open(disk);
    for (let n = 0; n < 6; n++) spill.push(record(n));
    await settled();
    expect(await disk.list('spill/top%2Fa')).toEqual([
      '0-00000000.spill',
      '0-00000001.spill',
      '0-00000002.spill',
    ]);
    await spill.close();

    expect(await disk.list('spill/top%2Fa')).toEqual([]);
  });

  it('keeps in memory what a failing disk does not take, and takes in no more', async () => {
    const log = memoryLog();
    const disk: Disk = Object.assign(memoryDisk(), { open: () => Promise.reject(new Error('no space')) });
    const spill = open(disk, log);
    for (let n = 0; n < 4; n++) spill.push(record(n));
    await settled();

    expect(spill.push(record(9))).toBe(false);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { error: 'no space' } }]);
    const back = [...(await spill.take(2)), ...(await spill.take(2))];
    expect(back.map(([n]) => n)).toEqual([0, 1, 2, 3]);
  });

  it('says so when what it kept cannot be read back, and goes on with what came after', async () => {
    const disk = memoryDisk();
    const spill = open(disk);
    for (let n = 0; n < 4; n++) spill.push(record(n));
    await settled();
    await disk.writeAtomic('spill/top%2Fa/0-00000000.spill', Uint8Array.of(1, 2, 3));

    await expect(spill.take(9)).rejects.toMatchObject({ code: 'SPILL_UNREADABLE' });
    expect([spill.count, spill.bytes]).toEqual([2, 8]);
    expect((await spill.take(9)).map(([n]) => n)).toEqual([2, 3]);
  });

  it('reads a chunk back whole or not at all', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1 }), fc.nat(), (records, n) => {
        const bytes = encodeChunk(records);
        expect(decodeChunk(bytes, records.length, 'x').map((one) => [...one])).toEqual(
          records.map((one) => [...one]),
        );
        const unreadable = expect.objectContaining({ code: 'SPILL_UNREADABLE' });
        const cut = bytes.subarray(0, n % bytes.length);
        expect(() => decodeChunk(cut, records.length, 'x')).toThrow(unreadable);
        expect(() => decodeChunk(bytes, records.length + 1, 'x')).toThrow(unreadable);
        const flipped = bytes.slice();
        flipped[n % bytes.length] = (flipped[n % bytes.length] as number) ^ (1 << (n & 7));
        expect(() => decodeChunk(flipped, records.length, 'x')).toThrow(unreadable);
      }),
    );
  });
});
