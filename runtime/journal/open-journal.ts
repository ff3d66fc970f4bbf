/** Opens a journal: locks it, checks and replays every record, cuts an unfinished last write, refuses anything worse. */
import type { Compression } from '../ports/compression.ts';
import type { Disk } from '../ports/disk.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { JournalRecord } from '../ports/journal.ts';
import type { Processes } from '../ports/processes.ts';
import { inflater } from './body.ts';
import { journalCorrupt } from './errors.ts';
import { type JournalLock, takeLock } from './lock.ts';
import { type Mark, Marks, readMarks, stands } from './marks.ts';
import type { JournalReport } from './report.ts';
import type { Retention } from './retention.ts';
import { SEGMENT_HEADER } from './segment.ts';
import { reopenSegment, type SegmentFile, tidyFolder } from './segment-file.ts';
import { SegmentPool } from './segment-pool.ts';
import { GroupCommitJournal, type SegmentedJournal } from './segmented-journal.ts';
import { SegmentShelf } from './shelf.ts';
import { surveyJournal } from './survey.ts';

export interface JournalOptions {
  readonly disk: Disk;
  /** Made when missing; holds nothing but the journal. */
  readonly folder: string;
  readonly processes: Processes;
  /** Bytes laid out for each segment; 16 MiB unless said. */
  readonly segmentBytes?: number;
  /** Kinds of records that stand for a checkpoint: their places are indexed, and `retention` is measured by them. */
  readonly marks?: readonly number[];
  /** Lets go of old segments by itself, never beyond the last two marks; everything is kept unless said. */
  readonly retention?: Retention;
  /** Writes records compressed where that makes them smaller; needed to read such records. */
  readonly compression?: Compression;
  /**
   * Sees every good record while it is checked, oldest first: opening and replaying in one pass. The body is a view
   * of the segment: copy it to keep it for long. When opening fails, what was seen is to be thrown away.
   */
  readonly replay?: (record: JournalRecord) => void;
  /**
   * Where `replay` begins, 1 unless said. With `mark` it is the newest mark, and segments older than that one are taken
   * by their headers: what is damaged in there shows when it is read.
   */
  readonly replayFrom?: number | 'mark';
  readonly failPoints?: FailPoints;
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
  const { disk, folder, compression, retention, failPoints } = options;
  const size = Math.max(options.segmentBytes ?? SEGMENT_BYTES, 2 * SEGMENT_HEADER);
  const inflate = inflater(compression);
  const { report, marks } = await walk(options);
  const { damage, last, records } = report;
  if (damage?.kind === 'corrupt') throw journalCorrupt(folder, damage);
  const pool = new SegmentPool(disk, folder, size, await tidyFolder(disk, folder, size));
  await disk.syncFolder(folder);
  const active = await openNewest(disk, folder, report, size, pool);
  const segments = report.segments.length > 0 ? report.segments : [active];
  const shelf = new SegmentShelf({ disk, folder, inflate, marks, pool, segments, retention, failPoints });
  const journal = new GroupCommitJournal({ lock, shelf, pool, active, last, compression, failPoints });
  return { journal, recovered: { records, last, truncatedBytes: damage?.bytes ?? 0 } };
}

/** The one pass over the records, all of them or from the newest mark on. */
async function walk({ disk, folder, compression, replay, replayFrom = 1, marks: kinds }: JournalOptions) {
  const written = kinds ? await readMarks(disk, folder) : [];
  const jump = replayFrom === 'mark' ? await newestStanding(disk, folder, written) : undefined;
  const known = jump ? written.filter(({ sequence }) => sequence < jump.sequence) : [];
  const marks = new Marks(kinds, known, written.at(-1)?.sequence);
  const from = replayFrom === 'mark' ? (jump?.sequence ?? 1) : replayFrom;
  const visitor = { from, record: replay, inflate: inflater(compression), marks };
  return { marks, report: await surveyJournal(disk, folder, visitor, jump) };
}

/** The index may be late, and older than a cut. */
async function newestStanding(disk: Disk, folder: string, marks: readonly Mark[]): Promise<Mark | undefined> {
  for (const mark of marks.toReversed()) if (await stands(disk, folder, mark)) return mark;
  return undefined;
}

async function openNewest(
  disk: Disk,
  folder: string,
  report: JournalReport,
  size: number,
  pool: SegmentPool,
): Promise<SegmentFile> {
  const newest = report.segments.at(-1);
  if (!newest) return pool.next(1, 1, 0);
  const clear = report.damage !== undefined || newest.tail === 'stale' || newest.size < size;
  const file = await reopenSegment(disk, folder, newest, {
    ...newest,
    size: Math.max(size, newest.size),
    clear,
  });
  // An old format is read and not written: taken as full, it is followed by a segment of the present one.
  return newest.version === 1 ? { ...file, size: file.offset } : file;
}
