/** Bodies in and out: compressed when that makes them smaller, and back. */
import type { Compression } from '../ports/compression.ts';
import { compressionMissing } from './errors.ts';
import { BODY_BYTES_MAX, compressedAt, RECORD_HEADER, sequenceAt } from './record.ts';

/** A compressed body begins with the length it had, u32. */
const LENGTH = 4;
/** Nothing shorter gets smaller by enough to be worth the time. */
const WORTH_BYTES = 64;

/** The body of the record between two offsets: a view of `bytes` unless it was compressed. */
export type Inflate = (bytes: Uint8Array, view: DataView, offset: number, end: number) => Uint8Array;

/** @returns a function that throws JOURNAL_COMPRESSED at the first compressed record when `compression` is left out */
export function inflater(compression: Compression | undefined): Inflate {
  return (bytes, view, offset, end) => {
    const start = offset + RECORD_HEADER;
    if (!compressedAt(view, offset)) return bytes.subarray(start, end);
    if (!compression) throw compressionMissing(sequenceAt(view, offset));
    const length = end - start < LENGTH ? 0 : view.getUint32(start, true);
    return compression.inflate(bytes.subarray(start + LENGTH, end), Math.min(length, BODY_BYTES_MAX));
  };
}

/** What to write instead of `body`; nothing when compression does not make it smaller. */
export function packed(compression: Compression, body: Uint8Array): Uint8Array | undefined {
  if (body.length < WORTH_BYTES) return undefined;
  const small = compression.deflate(body);
  if (small.length + LENGTH >= body.length) return undefined;
  const bytes = new Uint8Array(LENGTH + small.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(small, LENGTH);
  return bytes;
}
