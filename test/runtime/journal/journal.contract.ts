/** What every journal promises; the same file runs over memory and over the real disk. */
import { expect, it } from 'vitest';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import type { Disk } from '../../../runtime/ports/disk.ts';
import type { Processes } from '../../../runtime/ports/processes.ts';
import { collect } from '../../support/collect.ts';

interface World {
  readonly disk: Disk;
  readonly folder: string;
  readonly processes: Processes;
}

export function journalContract(world: () => Promise<World>): void {
  const body = (n: number, length = 8) => new Uint8Array(length).fill(n & 255);
  /** Ten records in segments so small that several are filled. */
  const ten = async () => {
    const options = { ...(await world()), segmentBytes: 128 };
    const { journal } = await openJournal(options);
    for (let n = 1; n <= 10; n++) await journal.append(n, body(n));
    const sequences = async (from?: number) =>
      (await collect(journal.read(from))).map(({ sequence }) => sequence);
    return { options, journal, sequences };
  };

  it('is empty at first', async () => {
    const { journal, recovered } = await openJournal(await world());

    expect(recovered).toEqual({ records: 0, last: 0, truncatedBytes: 0 });
    expect([journal.first, journal.last, await collect(journal.read())]).toEqual([1, 0, []]);
    await journal.close();
  });

  it('numbers records from 1 and gives them back in order, kind and body intact', async () => {
    const { journal } = await ten();
    const records = await collect(journal.read());

    expect(records.map(({ sequence, kind }) => [sequence, kind])).toEqual(
      Array.from({ length: 10 }, (_, i) => [i + 1, i + 1]),
    );
    for (const { sequence, body: got } of records) expect([...got]).toEqual([...body(sequence)]);
    await journal.close();
  });

  it('reads from any record on, and nothing from beyond the end', async () => {
    const { journal, sequences } = await ten();

    expect(await sequences(1)).toHaveLength(10);
    expect(await sequences(10)).toEqual([10]);
    expect(await sequences(7)).toEqual([7, 8, 9, 10]);
    expect(await sequences(11)).toEqual([]);
    await journal.close();
  });

  it('knows everything again after it was closed and opened', async () => {
    const { journal, options } = await ten();
    await journal.close();
    const again = await openJournal(options);

    expect(again.recovered).toEqual({ records: 10, last: 10, truncatedBytes: 0 });
    expect(await again.journal.append(0, body(0, 0))).toBe(11);
    expect((await collect(again.journal.read(10))).map(({ body: { length } }) => length)).toEqual([8, 0]);
    await again.journal.close();
  });

  it('takes records larger than a segment', async () => {
    const { journal, options } = await ten();
    await journal.append(1, body(7, 100_000));
    await journal.append(2, body(8));
    await journal.close();
    const { journal: again } = await openJournal(options);
    const [large, small] = await collect(again.read(11));

    expect(large?.body.length).toBe(100_000);
    expect(small?.kind).toBe(2);
    await again.close();
  });

  it('lets old segments go and keeps counting, even when nothing is left', async () => {
    const { journal, sequences, options } = await ten();
    await journal.truncateBefore(6);
    const kept = await sequences();

    expect(kept[0]).toBeGreaterThan(1);
    expect(kept[0]).toBeLessThanOrEqual(6);
    expect(kept.at(-1)).toBe(10);
    expect(await sequences(2)).toEqual(kept);
    expect(journal.first).toBe(kept[0]);
    await journal.truncateBefore(1_000);
    await journal.close();
    const { journal: again } = await openJournal(options);
    expect(await again.append(1, body(1))).toBe(11);
    expect((await collect(again.read())).at(-1)?.sequence).toBe(11);
    await again.close();
  });

  it('shows a reader only what was acknowledged when it began', async () => {
    const { journal } = await ten();
    const seen: number[] = [];
    for await (const { sequence } of journal.read()) {
      seen.push(sequence);
      await journal.append(1, body(1));
    }

    expect(seen).toHaveLength(10);
    await journal.close();
  });

  it('refuses appends once closed, after finishing those before', async () => {
    const { journal } = await ten();
    const pending = journal.append(1, body(1));
    await Promise.all([journal.close(), journal.close()]);

    expect(await pending).toBe(11);
    await expect(journal.append(1, body(1))).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });

  it('refuses a body that belongs into a checkpoint, and goes on', async () => {
    const { journal } = await ten();

    await expect(journal.append(1, new Uint8Array((16 << 20) + 1))).rejects.toMatchObject({
      code: 'JOURNAL_RECORD_TOO_LARGE',
    });
    expect(await journal.append(1, body(1))).toBe(11);
    await journal.close();
  });

  it('has one writer', async () => {
    const { journal, options } = await ten();

    await expect(openJournal(options)).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await journal.close();
    await (await openJournal(options)).journal.close();
  });
}
