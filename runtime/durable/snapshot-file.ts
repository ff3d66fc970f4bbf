/** A snapshot as a file: a header that says whose state it is and when, and a checksum over every byte. */
import { crc32 } from '../journal/crc32.ts';
import type { Snapshot } from '../ports/event-store.ts';

/** magic, checksum u32 over what follows, version u32, revision f64, UTC milliseconds f64, body length f64. */
const HEADER = 40;
const MAGIC = new TextEncoder().encode('ESPERSNP');
const VERSION = 1;
const SUFFIX = '.snapshot';

export const snapshotName = (revision: number): string => `${String(revision).padStart(16, '0')}${SUFFIX}`;

/** The revision in a snapshot's name; nothing for any other file. */
export function snapshotRevision(name: string): number | undefined {
  return /^\d{16}\.snapshot$/.test(name) ? Number(name.slice(0, -SUFFIX.length)) : undefined;
}

export function encodeSnapshot({ revision, atMs, bytes }: Snapshot): Uint8Array {
  const file = new Uint8Array(HEADER + bytes.length);
  const view = new DataView(file.buffer);
  file.set(MAGIC);
  view.setUint32(12, VERSION, true);
  view.setFloat64(16, revision, true);
  view.setFloat64(24, atMs, true);
  view.setFloat64(32, bytes.length, true);
  file.set(bytes, HEADER);
  view.setUint32(8, crc32(file, 12), true);
  return file;
}

/** Nothing unless every byte is as it was written, and the revision is that of its name. */
export function decodeSnapshot(file: Uint8Array, revision: number): Snapshot | undefined {
  if (file.length < HEADER || MAGIC.some((byte, i) => file[i] !== byte)) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint32(8, true) !== crc32(file, 12) || view.getUint32(12, true) !== VERSION) return undefined;
  if (view.getFloat64(16, true) !== revision || view.getFloat64(32, true) !== file.length - HEADER)
    return undefined;
  return { revision, atMs: view.getFloat64(24, true), bytes: file.subarray(HEADER) };
}
