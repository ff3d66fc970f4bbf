/** Looks into a journal without opening it for writing: each record with the place where it stands. */
import type { Compression } from '../ports/compression.ts';
import type { Disk } from '../ports/disk.ts';
import type { JournalRecord } from '../ports/journal.ts';
import { inflater } from './body.ts';
import { recordsLetGo } from './errors.ts';
import type { SegmentReport } from './report.ts';
import { recordsIn } from './scan.ts';
import { decodeHeader, viewOf } from './segment.ts';
import { verifyJournal } from './survey.ts';

export interface InspectedRecord extends JournalRecord {
  readonly segment: string;
  /** Of its first byte within the segment, and of the byte after its last. */
  readonly offset: number;
  readonly end: number;
  readonly compressed: boolean;
}

/**
 * Good records from the oldest on, up to the first damage; `verifyJournal` tells whether and why it ends there.
 * Harmless while a run is writing.
 * @throws JOURNAL_COMPRESSED at a compressed record when `compression` is left out
 * @throws JOURNAL_LET_GO when retention of a running journal was quicker
 */
export async function* inspectJournal(
  disk: Disk,
  folder: string,
  compression?: Compression,
): AsyncGenerator<InspectedRecord, void, void> {
  const inflate = inflater(compression);
  for (const header of (await verifyJournal(disk, folder)).segments) {
    const bytes = await read(disk, folder, header);
    const view = viewOf(bytes);
    for (const { sequence, kind, offset, end, compressed } of recordsIn(bytes, header)) {
      if (sequence > header.last) break;
      const body = inflate(bytes, view, offset, end);
      yield { sequence, kind, body, segment: header.file, offset, end, compressed };
    }
  }
}

/** The file may have been let go since it was listed, or hold a later segment by now. */
async function read(
  disk: Disk,
  folder: string,
  { file, first, last, salt }: SegmentReport,
): Promise<Uint8Array> {
  const letGo = () => recordsLetGo(folder, first, last + 1);
  const bytes = await disk.read(`${folder}/${file}`).catch((error: { code?: string }) => {
    throw error.code === 'DISK_NOT_FOUND' ? letGo() : error;
  });
  const header = decodeHeader(bytes);
  if (typeof header === 'string' || header.salt !== salt) throw letGo();
  return bytes;
}
