/** Checkpoints are found without reading what lies before them, and nothing breaks when their index is wrong. */
import { describe, expect, it } from 'vitest';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { cutAfter } from '../../../runtime/journal/cut.ts';
import { MARKS_FILE, verifyMarks } from '../../../runtime/journal/marks.ts';
import type { JournalRecord } from '../../../runtime/ports/journal.ts';
import { collect } from '../../support/collect.ts';
import { fill, folder, isRecord, MARK, workbench } from './workbench.ts';

const index = `${folder}/${MARKS_FILE}`;

/** Forty records in several segments, a mark at every seventh: 7, 14, 21, 28, 35. */
async function forty() {
  const bench = workbench({ marks: [MARK] });
  const journal = await bench.open();
  await fill(journal, 40, 7);
  await journal.close();
  /** Opens from the newest mark. */
  const resume = async () => {
    const seen: JournalRecord[] = [];
    const { journal: again, recovered } = await bench.recover({
      replayFrom: 'mark',
      replay: (record) => seen.push(record),
    });
    return { journal: again, recovered, seen, sequences: seen.map(({ sequence }) => sequence) };
  };
  return { ...bench, journal, resume };
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const marksOf = (journal: { marks: readonly { sequence: number }[] }) =>
  journal.marks.map(({ sequence }) => sequence);

describe('marks', () => {
  it('are known while writing, after closing, and after a crash', async () => {
    const { disk, journal, open, die } = await forty();
    expect(marksOf(journal)).toEqual([7, 14, 21, 28, 35]);
    const again = await open();
    expect(marksOf(again)).toEqual([7, 14, 21, 28, 35]);
    await fill(again, 44, 42);
    disk.crash();
    die();

    expect(marksOf(await open())).toEqual([7, 14, 21, 28, 35, 42]);
  });

  it('let reading begin at the newest one', async () => {
    const { open } = await forty();
    const journal = await open();
    const records = await collect(journal.read({ from: 'mark' }));

    expect(records.map(({ sequence }) => sequence)).toEqual(numbers(35, 40));
    expect(records[0]?.kind).toBe(MARK);
  });

  it('let opening begin there too, without looking into older segments', async () => {
    const { disk, resume } = await forty();
    const { length } = await disk.read(`${folder}/00000001.wal`);
    for (let bit = 32 * 8; bit < length * 8; bit += 40) disk.flip(`${folder}/00000001.wal`, bit);
    const { recovered, sequences, seen, journal } = await resume();

    expect(recovered).toEqual({ records: 40, last: 40, truncatedBytes: 0 });
    expect(sequences).toEqual(numbers(35, 40));
    expect(seen.every(isRecord)).toBe(true);
    expect(marksOf(journal)).toEqual([7, 14, 21, 28, 35]);
    await expect(collect(journal.read())).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    expect(await journal.append(1, Uint8Array.of(1))).toBe(41);
  });

  it('are found by a full walk when the index is missing, damaged, or speaks of other records', async () => {
    const { disk, resume } = await forty();
    const whole = await disk.read(index);
    const strangers = [
      undefined,
      new Uint8Array(0),
      new TextEncoder().encode('{"version":1,"checksum":1,"marks":"[]"}'),
      new TextEncoder().encode('null'),
      ...numbers(0, whole.length - 1).map((at) => whole.map((byte, i) => (i === at ? byte ^ 1 : byte))),
    ];
    for (const bytes of strangers) {
      if (bytes) disk.put(index, bytes);
      else await disk.remove(index);
      const { journal, sequences } = await resume();

      expect(marksOf(journal)).toEqual([7, 14, 21, 28, 35]);
      expect(sequences.at(-1)).toBe(40);
      await journal.close();
    }
  });

  it('older than the newest mark serve when the index is late', async () => {
    const { disk, open, resume, die } = await forty();
    const journal = await open();
    const late = await disk.read(index);
    await fill(journal, 43, 42);
    disk.crash();
    die();
    disk.put(index, late);
    const { sequences, journal: again } = await resume();

    expect(sequences).toEqual(numbers(35, 43));
    expect(marksOf(again).at(-1)).toBe(42);
  });

  it('do not outlive a cut', async () => {
    const { disk, open, resume } = await forty();
    await cutAfter({ disk, folder, processes: memoryProcesses() }, 22);
    const { sequences, journal } = await resume();
    expect(sequences).toEqual(numbers(1, 22));
    expect(marksOf(journal)).toEqual([7, 14, 21]);
    await journal.close();

    expect(await verifyMarks(disk, folder)).toEqual({ good: 3, stale: 0 });
    await (await open()).close();
  });

  it('of segments that are gone are told apart from those that stand, and the newest of these is used', async () => {
    const { disk, resume } = await forty();
    expect(await verifyMarks(disk, folder)).toEqual({ good: 5, stale: 0 });
    for (const name of await disk.list(folder)) {
      if (name > '00000004.wal' && name.endsWith('.wal')) await disk.remove(`${folder}/${name}`);
    }

    expect(await verifyMarks(disk, folder)).toEqual({ good: 3, stale: 2 });
    const { journal, sequences } = await resume();
    expect(marksOf(journal)).toEqual([7, 14, 21]);
    expect(sequences[0]).toBe(21);
  });

  it('cost nothing to a journal that declares none', async () => {
    const { disk, open } = workbench();
    const journal = await open();
    await fill(journal, 40, 7);
    await journal.close();

    expect(marksOf(journal)).toEqual([]);
    expect(await disk.exists(index)).toBe(false);
  });

  it('are counted up to 64, the newest', async () => {
    const { open } = workbench({ marks: [MARK] });
    const journal = await open();
    await fill(journal, 100, 1);

    expect(marksOf(journal)).toEqual(numbers(37, 100));
  });
});
