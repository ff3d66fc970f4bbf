/** A segment is one file of the journal: a header, records without gaps, and zeros where the next ones will go. */
import { crc32 } from './crc32.ts';
import { decodeRecord, findRecord, type PlacedRecord } from './record.ts';

/** magic, version u32, number u32, first sequence u64, spare u32, checksum u32. */
export const SEGMENT_HEADER = 32;
const MAGIC = new TextEncoder().encode('ESPERWAL');
const VERSION = 1;
const HIGH = 2 ** 32;
/** What a device writes at once; a lost one reads as the zeros it was laid out with. */
const SECTOR = 512;

export interface SegmentHeader {
  /** 1-based, the same as in the file's name. */
  readonly number: number;
  /** Sequence of the first record it holds or will hold. */
  readonly first: number;
}

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.wal`;

/** The number in a segment's name; nothing for any other file. */
export function segmentNumber(name: string): number | undefined {
  return /^\d{8}\.wal$/.test(name) ? Number.parseInt(name, 10) : undefined;
}

export function encodeHeader({ number, first }: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, number, true);
  view.setUint32(16, first % HIGH, true);
  view.setUint32(20, Math.floor(first / HIGH), true);
  view.setUint32(28, crc32(bytes, 0, 28), true);
  return bytes;
}

/** Nothing when the header is not one of ours, of another version, or damaged. */
export function decodeHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(28, true) !== crc32(bytes, 0, 28) || view.getUint32(8, true) !== VERSION)
    return undefined;
  const first = view.getUint32(16, true) + view.getUint32(20, true) * HIGH;
  return { number: view.getUint32(12, true), first };
}

/** Records from the front until one is missing or damaged. */
export function* recordsIn(bytes: Uint8Array, first: number): Generator<PlacedRecord, void, void> {
  const view = viewOf(bytes);
  let offset = SEGMENT_HEADER;
  for (let sequence = first; ; sequence++) {
    const record = decodeRecord(bytes, view, offset, sequence);
    if (!record) return;
    offset = record.end;
    yield record;
  }
}

/** What stands after the last good record. `torn`: an unfinished write, never acknowledged. `corrupt`: durable once, damaged since. */
export type Tail =
  | { readonly kind: 'clean' }
  | { readonly kind: 'torn'; readonly bytes: number }
  | { readonly kind: 'corrupt'; readonly bytes: number };

/**
 * Judges the bytes from `end` on, where record `sequence` should stand but does not.
 *
 * Writes are synced one after the other, so only the last one can be unfinished. A whole record further on proves
 * that the log went on, and so that `sequence` was durable once - unless both belong to one write and the device lost
 * a sector between them, which shows as zeros.
 */
export function judgeTail(bytes: Uint8Array, end: number, sequence: number): Tail {
  const used = lastNonZero(bytes, end) + 1 - end;
  if (used <= 0) return { kind: 'clean' };
  const later = findRecord(bytes, viewOf(bytes), end, sequence);
  if (!later) return { kind: 'torn', bytes: used };
  const sameWrite = later.sequence - later.place <= sequence;
  return { kind: sameWrite && lostSector(bytes, end, later.offset) ? 'torn' : 'corrupt', bytes: used };
}

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

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
