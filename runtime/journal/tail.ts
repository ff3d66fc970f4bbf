/** Judges what stands behind the last good record: room, an unfinished write, or damage to something acknowledged. */
import { endAt, findRecord, putSequence, RECORD_HEADER, recordEnd, sequenceAt } from './record.ts';
import { type SegmentHeader, viewOf } from './segment.ts';

/** What a device writes at once; a lost one reads as it did before. */
const SECTOR = 512;

export interface Tail {
  /**
   * `clean`: nothing but zeros. `stale`: bytes of the segment this file held before. `torn`: an unfinished write,
   * never acknowledged. `corrupt`: durable once, damaged since.
   */
  readonly kind: 'clean' | 'stale' | 'torn' | 'corrupt';
  /** Bytes that are in the way; 0 for `clean`. */
  readonly bytes: number;
}

/**
 * Judges the bytes of the newest segment from `end` on, where record `sequence` should stand but does not.
 *
 * Writes are synced one after the other, so only the last one can be unfinished. A whole record further on proves
 * that the log went on, and so that `sequence` was durable once - unless both belong to one write and the device lost
 * a sector between them. In a new file that shows as zeros; in a reused one any sector between them may be the lost one.
 */
export function judgeTail(bytes: Uint8Array, end: number, sequence: number, header: SegmentHeader): Tail {
  const used = lastNonZero(bytes, end) + 1 - end;
  if (used <= 0) return { kind: 'clean', bytes: 0 };
  const { reused, salt } = header;
  const view = viewOf(bytes);
  const later = findRecord(bytes, view, end, sequence, salt);
  if (later) {
    const sameWrite = later.sequence - later.place <= sequence;
    const lost = reused ? aSectorEnds(end, later.offset) : lostSector(bytes, end, later.offset);
    return { kind: sameWrite && lost ? 'torn' : 'corrupt', bytes: reused ? later.end - end : used };
  }
  if (!reused) return { kind: 'torn', bytes: used };
  if (sequenceAt(view, end) !== sequence && !misnumbered(bytes, end, sequence, salt)) {
    return { kind: 'stale', bytes: used };
  }
  return { kind: 'torn', bytes: Math.min(used, Math.max(RECORD_HEADER, endAt(view, end) - end)) };
}

/** True when a record of this segment stands here, and nothing but its number is damaged. */
function misnumbered(bytes: Uint8Array, offset: number, sequence: number, salt: number): boolean {
  if (offset + RECORD_HEADER > bytes.length) return false;
  const record = bytes.slice(offset, endAt(viewOf(bytes), offset));
  putSequence(viewOf(record), 0, sequence);
  return recordEnd(record, viewOf(record), 0, sequence, salt) > 0;
}

const aSectorEnds = (from: number, to: number) => Math.floor(from / SECTOR) < Math.floor(to / SECTOR);

/** True when some sector, or what of it lies after `from`, is all zeros and over before `to`. */
function lostSector(bytes: Uint8Array, from: number, to: number): boolean {
  for (let start = from; start < to; ) {
    const end = (Math.floor(start / SECTOR) + 1) * SECTOR;
    if (end <= to && lastNonZero(bytes.subarray(0, end), start) < start) return true;
    start = end;
  }
  return false;
}

/** Index of the last byte that is not zero, at or after `from`; `from - 1` when there is none. */
function lastNonZero(bytes: Uint8Array, from: number): number {
  let at = bytes.length - 1;
  while (at >= from && bytes[at] === 0) at--;
  return at;
}
