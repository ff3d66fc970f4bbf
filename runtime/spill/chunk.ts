/** Spilled records as the bytes of one file: a checksum, then each record with its length before it. */
import { EsperError } from '../../contracts/failure.ts';
import { crc32 } from '../journal/crc32.ts';

const CHECKSUM = 4;
const LENGTH = 4;

export function encodeChunk(records: readonly Uint8Array[]): Uint8Array {
  const size = records.reduce((sum, record) => sum + LENGTH + record.length, CHECKSUM);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = CHECKSUM;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    bytes.set(record, at + LENGTH);
    at += LENGTH + record.length;
  }
  view.setUint32(0, crc32(bytes, CHECKSUM), true);
  return bytes;
}

/** @throws SPILL_UNREADABLE unless `bytes` are exactly `count` records */
export function decodeChunk(bytes: Uint8Array, count: number, path: string): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < CHECKSUM || view.getUint32(0, true) !== crc32(bytes, CHECKSUM)) {
    throw unreadable(path, 'its checksum does not agree');
  }
  const records: Uint8Array[] = [];
  let at = CHECKSUM;
  while (at + LENGTH <= bytes.length) {
    const end = at + LENGTH + view.getUint32(at, true);
    if (end > bytes.length) break;
    records.push(bytes.subarray(at + LENGTH, end));
    at = end;
  }
  if (at !== bytes.length || records.length !== count) {
    throw unreadable(path, `it holds ${records.length} of ${count} messages`);
  }
  return records;
}

export const unreadable = (path: string, why: string, cause?: unknown) =>
  new EsperError(
    'SPILL_UNREADABLE',
    `${path}: ${why}`,
    { path },
    { cause, hint: 'Messages an actor had no room for are lost; check the disk of the spill folder.' },
  );
