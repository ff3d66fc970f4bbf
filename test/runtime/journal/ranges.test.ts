/** A part of a journal: every bound there is, and what was let go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordRange } from '../../../runtime/ports/journal.ts';
import { collect } from '../../support/collect.ts';
import { fill, isRecord, MARK, workbench } from './workbench.ts';

async function twenty(truncateBefore = 1) {
  const journal = await workbench({ marks: [MARK] }).open();
  await fill(journal, 20);
  await journal.truncateBefore(truncateBefore);
  const read = async (range: number | RecordRange) =>
    (await collect(journal.read(range))).map(({ sequence }) => sequence);
  return { journal, read };
}
const upTo = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);

describe('a range of records', () => {
  it.each<[string, RecordRange, number[]]>([
    ['no bounds', {}, upTo(1, 20)],
    ['a lower bound', { from: 17 }, [17, 18, 19, 20]],
    ['an upper bound', { to: 3 }, [1, 2, 3]],
    ['both', { from: 9, to: 11 }, [9, 10, 11]],
    ['both the same', { from: 9, to: 9 }, [9]],
    ['the lower above the upper', { from: 11, to: 9 }, []],
    ['limit 1', { limit: 1 }, [1]],
    ['limit 0', { limit: 0 }, []],
    ['a limit within bounds', { from: 5, to: 18, limit: 3 }, [5, 6, 7]],
    ['a limit beyond bounds', { from: 17, to: 18, limit: 30 }, [17, 18]],
    ['a lower bound beyond the end', { from: 21 }, []],
    ['an upper bound beyond the end', { from: 19, to: 99 }, [19, 20]],
    ['a lower bound before the first', { from: 0, to: 2 }, [1, 2]],
    ['the newest mark where there is none', { from: 'mark', to: 2 }, [1, 2]],
  ])('with %s', async (_, range, expected) => {
    const { read } = await twenty();

    expect(await read(range)).toEqual(expected);
  });

  it('passes over what was let go, at either bound', async () => {
    const { journal, read } = await twenty(12);
    const { first } = journal;

    expect(first).toBeGreaterThan(1);
    expect(await read({ from: 1 })).toEqual(upTo(first, 20));
    expect(await read({ from: first - 1 })).toEqual(upTo(first, 20));
    expect(await read({ from: first })).toEqual(upTo(first, 20));
    expect(await read({ to: first - 1 })).toEqual([]);
    expect(await read({ from: 1, to: first })).toEqual([first]);
    expect(await read({ from: 1, limit: 2 })).toEqual([first, first + 1]);
  });

  it('is the same whether read or replayed, for any bounds', async () => {
    const { journal, read } = await twenty(7);
    const bound = fc.option(fc.integer({ min: -2, max: 25 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(fc.record({ from: bound, to: bound, limit: bound }), async (bounds) => {
        const range = Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
        const replayed: number[] = [];
        await journal.replay(range, (record) => {
          expect(isRecord(record)).toBe(true);
          replayed.push(record.sequence);
        });
        const from = Math.max(bounds.from ?? 1, journal.first);

        expect(replayed).toEqual(
          upTo(from, Math.min(bounds.to ?? 20, 20)).slice(0, Math.max(0, bounds.limit ?? 99)),
        );
        expect(await read(range)).toEqual(replayed);
      }),
    );
  });

  it('may be left early, and read by several at once', async () => {
    const { journal } = await twenty();
    const [one, other] = [journal.read(), journal.read(3)];
    const seen: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      for (const stream of [one, other]) {
        seen.push((await stream[Symbol.asyncIterator]().next()).value?.sequence);
      }
    }
    for await (const _ of journal.read()) break;

    expect(seen).toEqual([1, 3, 2, 4, 3, 5]);
  });

  it('gives each record to one of those who ask at the same time', async () => {
    const { journal } = await twenty();
    const stream = journal.read()[Symbol.asyncIterator]();
    const answers = await Promise.all(Array.from({ length: 22 }, () => stream.next()));

    expect(answers.map(({ value }) => value?.sequence)).toEqual([...upTo(1, 20), undefined, undefined]);
  });

  it('is told when retention was quicker', async () => {
    const { journal } = await twenty();
    const late = journal.read(1)[Symbol.asyncIterator]();
    await journal.truncateBefore(20);

    await expect(late.next()).rejects.toMatchObject({
      code: 'JOURNAL_LET_GO',
      retryable: true,
      details: { sequence: 1, first: journal.first },
    });
  });

  it('reads records larger than what is read at once', async () => {
    const journal = await workbench({ segmentBytes: 4 << 20 }).open();
    const sizes = [10, 200_000, 1_500_000, 0, 70_000, 65_516, 65_517, 3_000_000];
    for (const [i, size] of sizes.entries()) await journal.append(1, new Uint8Array(size).fill(i + 1));
    const records = await collect(journal.read());

    expect(records.map(({ body }) => body.length)).toEqual(sizes);
    expect(records.every(({ sequence, body }) => body.every((byte) => byte === sequence))).toBe(true);
  });
});
