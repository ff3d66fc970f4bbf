/** One journal record as bytes: a checksum over everything that follows it, so that no field can lie alone. */
import type { JournalRecord } from '../ports/journal.ts';
import { crc32 } from './crc32.ts';

/** checksum u32, body length u32, sequence u64, kind u16, place u16; little-endian. */
export const RECORD_HEADER = 20;
export const KIND_MAX = 0xffff;
export const PLACE_MAX = 0xffff;
const HIGH = 2 ** 32;

/** A record and where it stood. `body` is a view of the segment's bytes: copy it to keep it for long. */
export interface PlacedRecord extends JournalRecord {
  /** 0-based position within the write that carried it: all records of one write became durable together. */
  readonly place: number;
  /** Offset of the byte after it. */
  readonly end: number;
}

/** Writes a record at `offset`; the room is the caller's business. */
export function encodeRecord(
  into: DataView,
  offset: number,
  sequence: number,
  kind: number,
  place: number,
  body: Uint8Array,
): void {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  into.setUint32(offset + 4, body.length, true);
  into.setUint32(offset + 8, sequence % HIGH, true);
  into.setUint32(offset + 12, Math.floor(sequence / HIGH), true);
  into.setUint16(offset + 16, kind, true);
  into.setUint16(offset + 18, place, true);
  bytes.set(body, offset + RECORD_HEADER);
  into.setUint32(offset, crc32(bytes, offset + 4, offset + RECORD_HEADER + body.length), true);
}

/** The record with this very sequence at `offset`, or nothing if what stands there is anything else. */
export function decodeRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  sequence: number,
): PlacedRecord | undefined {
  return sequenceAt(view, offset) === sequence ? validRecord(bytes, view, offset) : undefined;
}

/** The next whole record at or after `offset` whose sequence lies above `after`: evidence that the log went on. */
export function findRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  after: number,
): (PlacedRecord & { readonly offset: number }) | undefined {
  // Each record takes a header at least, so a sequence further ahead than this cannot stand in this segment.
  const farthest = after + bytes.length / RECORD_HEADER;
  for (let at = offset; at + RECORD_HEADER <= bytes.length; at++) {
    const sequence = sequenceAt(view, at);
    if (sequence <= after || sequence > farthest) continue;
    const record = validRecord(bytes, view, at);
    if (record) return { ...record, offset: at };
  }
  return undefined;
}

/** 0, which no record has, where no header fits. */
function sequenceAt(view: DataView, offset: number): number {
  if (offset + RECORD_HEADER > view.byteLength) return 0;
  return view.getUint32(offset + 8, true) + view.getUint32(offset + 12, true) * HIGH;
}

function validRecord(bytes: Uint8Array, view: DataView, offset: number): PlacedRecord | undefined {
  const start = offset + RECORD_HEADER;
  const end = start + view.getUint32(offset + 4, true);
  if (end > bytes.length || crc32(bytes, offset + 4, end) !== view.getUint32(offset, true)) return undefined;
  return {
    sequence: sequenceAt(view, offset),
    kind: view.getUint16(offset + 16, true),
    place: view.getUint16(offset + 18, true),
    body: bytes.subarray(start, end),
    end,
  };
}
