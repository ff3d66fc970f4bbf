/** Point-in-time recovery: an operator's decision to give up what came after a record, with the bytes kept aside. */
import { EsperError } from '../../contracts/failure.ts';
import type { Disk } from '../ports/disk.ts';
import type { Processes } from '../ports/processes.ts';
import { journalCorrupt } from './errors.ts';
import { takeLock } from './lock.ts';
import { MARKS_FILE } from './marks.ts';
import type { SegmentReport } from './report.ts';
import { recordsIn } from './scan.ts';
import { SEGMENT_HEADER, segmentNumber } from './segment.ts';
import { verifyJournal } from './survey.ts';

export interface Cut {
  /** Sequence of the newest record now. */
  readonly last: number;
  /** Files in the journal's folder that hold what was cut, oldest first. */
  readonly keptIn: readonly string[];
}

/**
 * Ends a closed journal after record `sequence`. Run again after a crash, it finishes what it began.
 * @throws JOURNAL_LOCKED while somebody writes it
 * @throws JOURNAL_CORRUPT when a record up to `sequence` is damaged
 * @throws JOURNAL_NO_SUCH_RECORD when the journal never held it
 */
export async function cutAfter(
  { disk, folder, processes }: { disk: Disk; folder: string; processes: Processes },
  sequence: number,
): Promise<Cut> {
  const lock = await takeLock(disk, folder, processes);
  try {
    const segment = await segmentOf(disk, folder, sequence);
    // The index may speak of records that will be others: the next opening makes it anew.
    if (await disk.exists(`${folder}/${MARKS_FILE}`)) await disk.remove(`${folder}/${MARKS_FILE}`);
    const laterOnes = await setAsideAfter(disk, folder, segment.number);
    const rest = await cutSegment(disk, folder, segment, sequence);
    return { last: sequence, keptIn: rest ? [rest, ...laterOnes] : laterOnes };
  } finally {
    await lock.release();
  }
}

async function segmentOf(disk: Disk, folder: string, sequence: number): Promise<SegmentReport> {
  const report = await verifyJournal(disk, folder);
  const segment = report.segments.findLast(({ first }) => first - 1 <= sequence);
  if (segment && sequence <= report.last) return segment;
  if (report.damage?.kind === 'corrupt') throw journalCorrupt(folder, report.damage);
  const { first, last } = report;
  throw new EsperError(
    'JOURNAL_NO_SUCH_RECORD',
    `the journal holds records ${first} to ${last}, not ${sequence}`,
    { folder, sequence, first, last },
    { hint: '`esper wal inspect` lists the records' },
  );
}

/** Newest first: whatever stops us, what remains is a journal without a gap. */
async function setAsideAfter(disk: Disk, folder: string, number: number): Promise<string[]> {
  const later = (await disk.list(folder)).filter((name) => (segmentNumber(name) ?? 0) > number);
  const aside: string[] = [];
  for (const name of later.reverse()) {
    const kept = await freeName(disk, folder, `${name}.cut`);
    await disk.rename(`${folder}/${name}`, `${folder}/${kept}`);
    await disk.syncFolder(folder);
    aside.unshift(kept);
  }
  return aside;
}

/** @returns the file with what stood behind, if anything did */
async function cutSegment(
  disk: Disk,
  folder: string,
  segment: SegmentReport,
  sequence: number,
): Promise<string | undefined> {
  const path = `${folder}/${segment.file}`;
  const bytes = await disk.read(path);
  let end = SEGMENT_HEADER;
  for (const record of recordsIn(bytes, segment)) {
    if (record.sequence > sequence) break;
    end = record.end;
  }
  const rest = bytes.subarray(end);
  let kept: string | undefined;
  if (rest.some((byte) => byte !== 0)) {
    kept = await freeName(disk, folder, `${segment.file}.cut-${end}`);
    await disk.writeAtomic(`${folder}/${kept}`, rest);
  }
  const file = await disk.open(path, 'append');
  try {
    await file.truncate(end);
    await file.sync();
  } finally {
    await file.close();
  }
  return kept;
}

async function freeName(disk: Disk, folder: string, wanted: string): Promise<string> {
  let name = wanted;
  for (let again = 2; await disk.exists(`${folder}/${name}`); again++) name = `${wanted}-${again}`;
  return name;
}
