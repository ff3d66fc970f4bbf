/** A segment is one file of the journal: a header, records without gaps, and room for the next ones. */
import { crc32 } from './crc32.ts';

/** magic, version u32, number u32, first sequence u64, flags u32, checksum u32; little-endian. */
export const SEGMENT_HEADER = 32;
const MAGIC = new TextEncoder().encode('ESPERWAL');
/**
 * Version 1 (read, never written any more): records have bare checksums, no flags, files are never used twice.
 * Version 2: checksums of records start from that of the header, records may be compressed, files may be used again.
 */
const VERSION = 2;
const REUSED = 1;
const HIGH = 2 ** 32;

export interface SegmentHeader {
  /** 1-based, the same as in the file's name. */
  readonly number: number;
  /** Sequence of the first record it holds or will hold. */
  readonly first: number;
  readonly version: number;
  /** The file held another segment before: behind the last record stand old bytes where a new file has zeros. */
  readonly reused: boolean;
  /** Seed of its records' checksums: what another segment left in the file never passes for a record of this one. */
  readonly salt: number;
}

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.wal`;

/** The number in a segment's name; nothing for any other file. */
export function segmentNumber(name: string): number | undefined {
  return /^\d{8}\.wal$/.test(name) ? Number.parseInt(name, 10) : undefined;
}

export function newHeader(number: number, first: number, reused: boolean): SegmentHeader {
  const header = { number, first, version: VERSION, reused };
  return { ...header, salt: checksumOf(encodeHeader(header)) };
}

export function encodeHeader({ number, first, version, reused }: Omit<SegmentHeader, 'salt'>): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER);
  const view = viewOf(bytes);
  bytes.set(MAGIC);
  view.setUint32(8, version, true);
  view.setUint32(12, number, true);
  view.setUint32(16, first % HIGH, true);
  view.setUint32(20, Math.floor(first / HIGH), true);
  view.setUint32(24, reused ? REUSED : 0, true);
  view.setUint32(28, crc32(bytes, 0, 28), true);
  return bytes;
}

/** What a header says, or why it cannot be believed. */
export function decodeHeader(bytes: Uint8Array): SegmentHeader | string {
  const damaged = 'the header is damaged';
  if (bytes.length < SEGMENT_HEADER || MAGIC.some((byte, i) => bytes[i] !== byte)) return damaged;
  const view = viewOf(bytes);
  const salt = checksumOf(bytes);
  if (salt !== crc32(bytes, 0, 28)) return damaged;
  const version = view.getUint32(8, true);
  if (version < 1 || version > VERSION) return `format version ${version} is newer than this program`;
  return {
    number: view.getUint32(12, true),
    first: view.getUint32(16, true) + view.getUint32(20, true) * HIGH,
    version,
    reused: (view.getUint32(24, true) & REUSED) !== 0,
    salt: version === 1 ? 0 : salt,
  };
}

const checksumOf = (header: Uint8Array) => viewOf(header).getUint32(28, true);

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
