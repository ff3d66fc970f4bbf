/** Looks into a journal without opening it for writing: each record with the place where it stands. */
import type { Disk } from '../ports/disk.ts';
import type { JournalRecord } from '../ports/journal.ts';
import { recordsIn, SEGMENT_HEADER } from './segment.ts';
import { verifyJournal } from './survey.ts';

export interface InspectedRecord extends JournalRecord {
  readonly segment: string;
  /** Of its first byte within the segment. */
  readonly offset: number;
}

/**
 * Good records from the oldest on, up to the first damage; `verifyJournal` tells whether and why it ends there.
 * Harmless while a run is writing.
 */
export async function* inspectJournal(
  disk: Disk,
  folder: string,
): AsyncGenerator<InspectedRecord, void, void> {
  for (const { file, first, last } of (await verifyJournal(disk, folder)).segments) {
    let offset = SEGMENT_HEADER;
    for (const { end, sequence, kind, body } of recordsIn(await disk.read(`${folder}/${file}`), first)) {
      if (sequence > last) break;
      yield { sequence, kind, body, segment: file, offset };
      offset = end;
    }
  }
}
