/** Deflate at its quickest level: journal bodies repeat themselves so much that more effort gains little. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { EsperError } from '../../../contracts/failure.ts';
import type { Compression } from '../../ports/compression.ts';

export function nodeCompression(): Compression {
  return {
    deflate: (bytes) => plain(deflateRawSync(bytes, { level: 1 })),
    inflate(bytes, length) {
      const whole = inflated(bytes, length);
      if (whole.length !== length) throw damaged(length, new Error(`${whole.length} bytes came out`));
      return whole;
    },
  };
}

function inflated(bytes: Uint8Array, length: number): Uint8Array {
  try {
    return plain(inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) }));
  } catch (cause) {
    throw damaged(length, cause);
  }
}

const damaged = (length: number, cause: unknown) =>
  new EsperError(
    'COMPRESSION_DAMAGED',
    `these bytes do not inflate to the ${length} they came from`,
    { length },
    { hint: 'they were written by another program, or damaged: restore them from a copy', cause },
  );

/** The same bytes without Node's own class, whose `slice` means something else. */
const plain = ({ buffer, byteOffset, length }: Uint8Array) => new Uint8Array(buffer, byteOffset, length);
