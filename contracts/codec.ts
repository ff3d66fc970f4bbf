/** Messages as bytes: MessagePack whose records carry their own keys, so that every message can be read alone and for ever. */
import { Packr, RESET_BUFFER_MODE } from 'msgpackr';
import { CODEC_LIMITS, type CodecLimits, guardBytes, malformed } from './codec-guard.ts';
import { EsperError } from './failure.ts';

/**
 * No `structures` here: shared ones live in the memory of one process, and a journal outlives it.
 * `moreTypes` brings typed arrays back as themselves instead of as bytes.
 */
const packr = Object.assign(new Packr({ moreTypes: true, int64AsType: 'number', copyBuffers: true }), {
  /** Left alone, it would write `undefined`: the other side would miss what this one believes to have sent. */
  writeFunction(): never {
    throw new TypeError('a function is no data');
  },
});

/**
 * Encodes plain data: objects, arrays, text, numbers, booleans, null, bytes and typed arrays. The same message gives the same bytes
 * whatever was encoded before; `-0` becomes `0`. The answer owns its memory and may be transferred to another thread.
 *
 * @throws CODEC_UNENCODABLE for anything that `decode` would refuse: cycles, dates, sets, functions, big integers, too deep a nest
 * @throws CODEC_TOO_LARGE
 */
export function encode(message: unknown, limits: CodecLimits = CODEC_LIMITS): Uint8Array {
  let bytes: Uint8Array;
  try {
    // the packer's own buffer is used again at once, so this copy is what makes the answer ours
    bytes = new Uint8Array(packr.pack(message, RESET_BUFFER_MODE));
  } catch (cause) {
    throw unencodable(cause);
  }
  try {
    guardBytes(bytes, limits);
  } catch (cause) {
    if (cause instanceof EsperError && cause.code === 'CODEC_TOO_LARGE') throw cause;
    throw unencodable(cause);
  }
  return bytes;
}

/**
 * Reads bytes back. The answer is unchecked data: give it to a contract's `parse`. Binary fields come back as copies.
 * @throws CODEC_MALFORMED when the bytes are no message, CODEC_TOO_LARGE
 */
export function decode(bytes: Uint8Array, limits: CodecLimits = CODEC_LIMITS): unknown {
  guardBytes(bytes, limits);
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), { bytes: bytes.length }, cause);
  }
}

const unencodable = (cause: unknown) =>
  new EsperError(
    'CODEC_UNENCODABLE',
    `this cannot be a message: ${cause instanceof Error ? cause.message : String(cause)}`,
    {},
    { cause, hint: 'send plain data: objects, arrays, text, finite numbers, booleans, null, typed arrays' },
  );
