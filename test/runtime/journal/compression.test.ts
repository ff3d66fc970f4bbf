/** Records may be smaller on the disk than they are: nobody but the disk can tell. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeCompression } from '../../../runtime/adapters/node/compression.ts';
import { inspectJournal } from '../../../runtime/journal/inspect.ts';
import { verifyJournal } from '../../../runtime/journal/survey.ts';
import { collect } from '../../support/collect.ts';
import { folder, workbench } from './workbench.ts';

const compression = nodeCompression();
const dull = new Uint8Array(5000).fill(42);

describe('compression', () => {
  it('gives back any bytes, or refuses what it did not make', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const small = compression.deflate(bytes);

        expect(compression.inflate(small, bytes.length)).toEqual(bytes);
        for (const wrong of [bytes.length + 1, Math.max(0, bytes.length - 1)]) {
          if (wrong === bytes.length) continue;
          expect(() => compression.inflate(small, wrong)).toThrow(
            expect.objectContaining({ code: 'COMPRESSION_DAMAGED' }),
          );
        }
      }),
    );
    expect(() => compression.inflate(Uint8Array.of(255, 255, 1), 10)).toThrow(
      expect.objectContaining({ code: 'COMPRESSION_DAMAGED' }),
    );
  });

  it('makes a journal smaller, and only records that gain by it are touched', async () => {
    const { disk, open } = workbench({ compression, segmentBytes: 64 << 10 });
    const journal = await open();
    const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * 7919) ^ (i * i * 31));
    for (const body of [dull, new Uint8Array(10), noise, new Uint8Array(0)]) await journal.append(3, body);
    const records = await collect(inspectJournal(disk, folder, compression));

    expect(records.map(({ compressed }) => compressed)).toEqual([true, false, expect.any(Boolean), false]);
    expect(records.map(({ body }) => body)).toEqual([dull, new Uint8Array(10), noise, new Uint8Array(0)]);
    expect(records[0]!.end - records[0]!.offset).toBeLessThan(100);
    expect(await collect(journal.read({ limit: 1 }))).toEqual([{ sequence: 1, kind: 3, body: dull }]);
  });

  it('may come and go: both sorts of records stand side by side', async () => {
    const { open, recover } = workbench({ segmentBytes: 64 << 10 });
    for (const extra of [{}, { compression }, {}]) {
      const journal = await open(extra);
      await journal.append(1, dull);
      await journal.close();
    }
    const lengths: number[] = [];
    const { journal } = await recover({ compression, replay: ({ body }) => lengths.push(body.length) });

    expect(lengths).toEqual([5000, 5000, 5000]);
    expect((await collect(journal.read())).every(({ body }) => body.every((byte) => byte === 42))).toBe(true);
  });

  it('must be there to read such records, and only then', async () => {
    const { disk, open, recover } = workbench({ segmentBytes: 64 << 10 });
    const journal = await open({ compression });
    await journal.append(1, dull);
    await journal.close();

    expect((await verifyJournal(disk, folder)).ok).toBe(true);
    const blind = await open();
    await expect(collect(blind.read())).rejects.toMatchObject({
      code: 'JOURNAL_COMPRESSED',
      details: { sequence: 1 },
    });
    await blind.close();
    await expect(recover({ replay: () => {} })).rejects.toMatchObject({ code: 'JOURNAL_COMPRESSED' });
    expect((await recover()).recovered.records).toBe(1);
  });
});
