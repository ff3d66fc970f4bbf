/** Opens a journal: locks it, checks every record, cuts an unfinished last write, and refuses anything worse. */
import type { Disk } from '../ports/disk.ts';
import type { Processes } from '../ports/processes.ts';
import { journalCorrupt } from './errors.ts';
import { type JournalLock, takeLock } from './lock.ts';
import { SEGMENT_HEADER } from './segment.ts';
import { createSegment, removeUnfinished, reopenSegment, type SegmentFile } from './segment-file.ts';
import { GroupCommitJournal, type SegmentedJournal } from './segmented-journal.ts';
import { type JournalReport, verifyJournal } from './survey.ts';

export interface JournalOptions {
  readonly disk: Disk;
  /** Made when missing; holds nothing but the journal. */
  readonly folder: string;
  readonly processes: Processes;
  /** Bytes laid out for each segment; 16 MiB unless said. */
  readonly segmentBytes?: number;
}

/** What opening found. */
export interface JournalRecovery {
  /** Good records, kept. */
  readonly records: number;
  /** Sequence of the newest, 0 when there is none. */
  readonly last: number;
  /** Bytes of an unfinished last write, cut off: they were never acknowledged. */
  readonly truncatedBytes: number;
}

const SEGMENT_BYTES = 16 << 20;

/**
 * The caller closes the journal.
 * @throws JOURNAL_LOCKED while another process writes it
 * @throws JOURNAL_CORRUPT when something acknowledged is damaged; nothing has been changed then
 */
export async function openJournal(
  options: JournalOptions,
): Promise<{ journal: SegmentedJournal; recovered: JournalRecovery }> {
  const { disk, folder, processes } = options;
  await disk.folder(folder);
  const lock = await takeLock(disk, folder, processes);
  try {
    return await recover(options, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function recover(options: JournalOptions, lock: JournalLock) {
  const { disk, folder, segmentBytes = SEGMENT_BYTES } = options;
  const report = await verifyJournal(disk, folder);
  const { damage, last, records } = report;
  if (damage?.kind === 'corrupt') throw journalCorrupt(folder, damage);
  await removeUnfinished(disk, folder);
  await disk.syncFolder(folder);
  const active = await openNewest(disk, folder, report, Math.max(segmentBytes, 2 * SEGMENT_HEADER));
  const segments = report.segments.length > 0 ? report.segments : [active];
  const journal = new GroupCommitJournal({ disk, folder, segmentBytes, lock, segments, active, last });
  return { journal, recovered: { records, last, truncatedBytes: damage?.bytes ?? 0 } };
}

function openNewest(disk: Disk, folder: string, report: JournalReport, size: number): Promise<SegmentFile> {
  const newest = report.segments.at(-1);
  if (!newest) return createSegment(disk, folder, { number: 1, first: 1 }, size);
  const clear = report.damage !== undefined || newest.size < size;
  return reopenSegment(disk, folder, newest, { ...newest, size: Math.max(size, newest.size), clear });
}
