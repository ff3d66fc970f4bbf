/** One journal record as bytes: a checksum over everything that follows it, so that no field can lie alone. */
import type { JournalRecord } from '../ports/journal.ts';
import { crc32 } from './crc32.ts';

/** checksum u32, body length u31 and a bit that says "compressed", sequence u64, kind u16, place u16; little-endian. */
export const RECORD_HEADER = 20;
export const KIND_MAX = 0xffff;
export const PLACE_MAX = 0xffff;
/** Bytes a caller may put into one record. */
export const BODY_BYTES_MAX = 16 << 20;
const COMPRESSED = 0x8000_0000;
const HIGH = 2 ** 32;

/** A record and where it stood. `body` is a view of the segment's bytes: copy it to keep it for long. */
export interface PlacedRecord extends JournalRecord {
  /** 0-based position within the write that carried it: all records of one write became durable together. */
  readonly place: number;
  readonly offset: number;
  /** Offset of the byte after it. */
  readonly end: number;
  /** `body` is as it stands on the disk, and has to be inflated. */
  readonly compressed: boolean;
}

/** Writes a record at `offset`, all but its checksum; the room is the caller's business. */
export function encodeRecord(
  into: DataView,
  offset: number,
  sequence: number,
  kind: number,
  place: number,
  body: Uint8Array,
  compressed: boolean,
): void {
  into.setUint32(offset + 4, compressed ? body.length + COMPRESSED : body.length, true);
  putSequence(into, offset, sequence);
  into.setUint16(offset + 16, kind, true);
  into.setUint16(offset + 18, place, true);
  new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(body, offset + RECORD_HEADER);
}

/** Puts checksums on the encoded records of `bytes`, one after the other; `salt` ties them to their segment. */
export function sealRecords(bytes: Uint8Array, view: DataView, salt: number): void {
  for (let at = 0; at < bytes.length; ) {
    const end = endAt(view, at);
    view.setUint32(at, crc32(bytes, at + 4, end, salt), true);
    at = end;
  }
}

/** Offset after the record with this very sequence at `offset`; 0 when what stands there is anything else. */
export function recordEnd(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  sequence: number,
  salt: number,
): number {
  return sequenceAt(view, offset) === sequence ? validEnd(bytes, view, offset, salt) : 0;
}

/** The next whole record at or after `offset` whose sequence lies above `after`: evidence that the log went on. */
export function findRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  after: number,
  salt: number,
): PlacedRecord | undefined {
  // Each record takes a header at least, so a sequence further ahead than this cannot stand in this segment.
  const farthest = after + bytes.length / RECORD_HEADER;
  for (let at = offset; at + RECORD_HEADER <= bytes.length; at++) {
    const sequence = sequenceAt(view, at);
    if (sequence <= after || sequence > farthest) continue;
    const end = validEnd(bytes, view, at, salt);
    if (end > 0) return placedRecord(bytes, view, at, end);
  }
  return undefined;
}

/** The record between two offsets that are known to be its own. */
export function placedRecord(bytes: Uint8Array, view: DataView, offset: number, end: number): PlacedRecord {
  return {
    sequence: sequenceAt(view, offset),
    kind: kindAt(view, offset),
    place: placeAt(view, offset),
    body: bytes.subarray(offset + RECORD_HEADER, end),
    compressed: compressedAt(view, offset),
    offset,
    end,
  };
}

export const kindAt = (view: DataView, offset: number): number => view.getUint16(offset + 16, true);
export const placeAt = (view: DataView, offset: number): number => view.getUint16(offset + 18, true);
export const compressedAt = (view: DataView, offset: number): boolean => view.getUint8(offset + 7) > 127;

/** Where a record that begins at `offset` claims to end. */
export const endAt = (view: DataView, offset: number): number =>
  offset + RECORD_HEADER + (view.getUint32(offset + 4, true) & ~COMPRESSED);

export function putSequence(into: DataView, offset: number, sequence: number): void {
  into.setUint32(offset + 8, sequence % HIGH, true);
  into.setUint32(offset + 12, Math.floor(sequence / HIGH), true);
}

/** 0, which no record has, where no header fits. */
export function sequenceAt(view: DataView, offset: number): number {
  if (offset + RECORD_HEADER > view.byteLength) return 0;
  return view.getUint32(offset + 8, true) + view.getUint32(offset + 12, true) * HIGH;
}

function validEnd(bytes: Uint8Array, view: DataView, offset: number, salt: number): number {
  const end = endAt(view, offset);
  if (end > bytes.length) return 0;
  return crc32(bytes, offset + 4, end, salt) === view.getUint32(offset, true) ? end : 0;
}
