/** Walks the records of a segment: one pass checks them and hands them over. */
import type { JournalRecord } from '../ports/journal.ts';
import type { Inflate } from './body.ts';
import type { Marks } from './marks.ts';
import { kindAt, type PlacedRecord, placeAt, placedRecord, recordEnd } from './record.ts';
import { SEGMENT_HEADER, type SegmentHeader, viewOf } from './segment.ts';

/** Where a walk stands, or came to its end. */
export interface Standing {
  /** Offset of the next record. */
  readonly offset: number;
  /** Its sequence. */
  readonly sequence: number;
}

/** Who wants to see the records of a walk. */
export interface Visitor {
  /** First sequence handed over. */
  readonly from: number;
  readonly record?: ((record: JournalRecord) => void) | undefined;
  readonly inflate: Inflate;
  /** Gathers the places of checkpoints. */
  readonly marks?: Pick<Marks, 'kinds' | 'add'> | undefined;
}

export const startOf = ({ first }: SegmentHeader): Standing => ({ offset: SEGMENT_HEADER, sequence: first });

/**
 * Walks from `at` to the last good record.
 * @returns where the next one would stand, and the offset of the newest write that was seen to begin, or the header's end
 */
export function scan(
  bytes: Uint8Array,
  { salt, number: segment }: SegmentHeader,
  at: Standing,
  { from, record, inflate, marks }: Visitor,
): Standing & { readonly lastWrite: number } {
  const view = viewOf(bytes);
  let { offset, sequence } = at;
  let lastWrite = SEGMENT_HEADER;
  for (let end = recordEnd(bytes, view, offset, sequence, salt); end > 0; ) {
    if (placeAt(view, offset) === 0) lastWrite = offset;
    const kind = kindAt(view, offset);
    if (marks?.kinds.has(kind)) marks.add({ sequence, kind, segment, offset });
    if (record && sequence >= from) record({ sequence, kind, body: inflate(bytes, view, offset, end) });
    offset = end;
    sequence++;
    end = recordEnd(bytes, view, offset, sequence, salt);
  }
  return { offset, sequence, lastWrite };
}

/** Records from the front until one is missing or damaged. */
export function* recordsIn(bytes: Uint8Array, header: SegmentHeader): Generator<PlacedRecord, void, void> {
  const view = viewOf(bytes);
  let { offset, sequence } = startOf(header);
  for (;;) {
    const end = recordEnd(bytes, view, offset, sequence, header.salt);
    if (end === 0) return;
    yield placedRecord(bytes, view, offset, end);
    offset = end;
    sequence++;
  }
}
