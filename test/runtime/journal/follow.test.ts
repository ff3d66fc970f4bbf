/** Following a journal: what is durable, then what becomes durable, each once and in order. */
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../runtime/ports/journal.ts';
import { collect } from '../../support/collect.ts';
import { fill, isRecord, MARK, workbench } from './workbench.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const sequences = (records: readonly JournalRecord[]) => records.map(({ sequence }) => sequence);

describe('following a journal', () => {
  it('gives the old and the new, across segments, until the journal closes', async () => {
    const journal = await workbench().open();
    await fill(journal, 20);
    const followed = collect(journal.follow());
    await fill(journal, 50);
    await Promise.all(Array.from({ length: 30 }, () => journal.append(2, Uint8Array.of(1))));
    const last = journal.append(2, Uint8Array.of(1));
    await journal.close();
    await last;

    expect(sequences(await followed)).toEqual(numbers(1, 81));
  });

  it('never shows what is written but not yet synced', async () => {
    const { disk, open } = workbench();
    const journal = await open();
    disk.fail({ operation: 'sync', nth: 4, code: 'DISK_FAILED' });
    const seen: number[] = [];
    const following = (async () => {
      for await (const { sequence } of journal.follow()) {
        expect(sequence).toBeLessThanOrEqual(journal.last);
        seen.push(sequence);
      }
    })();
    const filled = fill(journal, 10);

    await expect(filled).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    await expect(following).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    expect(seen).toEqual(numbers(1, 3));
  });

  it('begins where it is told: in the middle, at the newest mark, or with what is yet to come', async () => {
    const journal = await workbench({ marks: [MARK] }).open();
    await fill(journal, 20, 6);
    const all = [{ from: 15 }, { from: 'mark' as const }, { from: 23 }].map((options) =>
      collect(journal.follow(options)),
    );
    await fill(journal, 25);
    await journal.close();

    const [middle, mark, future] = (await Promise.all(all)).map(sequences);
    expect([middle, mark, future]).toEqual([numbers(15, 25), numbers(18, 25), numbers(23, 25)]);
  });

  it('ends when its signal aborts, also while it waits', async () => {
    const journal = await workbench().open();
    await fill(journal, 3);
    const leaving = new AbortController();
    const followed = collect(journal.follow({ signal: leaving.signal }));
    await fill(journal, 5);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    leaving.abort();

    expect(sequences(await followed)).toEqual(numbers(1, 5));
    expect(await collect(journal.follow({ signal: leaving.signal }))).toEqual([]);
  });

  it('may be left while it waits', async () => {
    const journal = await workbench().open();
    const stream = journal.follow();
    const waiting = stream.next();
    await stream.return?.();

    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it('holds no more than a chunk for a reader who does not come', async () => {
    const { disk, open } = workbench({ segmentBytes: 1 << 20 });
    const journal = await open();
    const stream = journal.follow();
    await journal.append(1, new Uint8Array(10));
    await stream.next();
    let reads = 0;
    disk.fail({ operation: 'read', nth: 1, code: 'DISK_FAILED', lasting: true });
    for (let n = 0; n < 100; n++) await journal.append(1, new Uint8Array(50_000));
    disk.heal();
    for (let n = 2; n <= 101; n++, reads++) expect((await stream.next()).value?.sequence).toBe(n);

    expect(reads).toBe(100);
    await stream.return?.();
  });

  it('tells a reader whom retention overtook', async () => {
    const journal = await workbench({ marks: [MARK], retention: { segments: 2 } }).open();
    await fill(journal, 10, 2);
    const stream = journal.follow();
    expect((await stream.next()).value?.sequence).toBe(1);
    await fill(journal, 300, 2);
    const overtaken = async () => {
      for (;;) await stream.next().then(({ value }) => expect(value && isRecord(value)).toBe(true));
    };

    await expect(overtaken()).rejects.toMatchObject({ code: 'JOURNAL_LET_GO' });
  });
});
