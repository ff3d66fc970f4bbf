/** Walks MessagePack bytes before anything is built from them, so that a lying length or a deep nest costs one pass and no memory. */
import { EsperError } from './failure.ts';

export interface CodecLimits {
  /** Longest message, in bytes. */
  readonly bytes: number;
  /** Deepest nesting of arrays, maps and records. */
  readonly depth: number;
}

export const CODEC_LIMITS: CodecLimits = { bytes: 16 * 1024 * 1024, depth: 64 };

const RECORD = 0x72;
const TYPED_ARRAY = 0x74;
const UNDEFINED = 0x00;

/** Bytes that follow a token of fixed size; -1 for all others. */
const PAYLOAD = payloads();

function payloads(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  table.fill(0, 0x00, 0x40); // small numbers
  for (let length = 0; length < 32; length++) table[0xa0 + length] = length; // short text
  for (const [token, size] of [
    [0xc0, 0], // nil, false, true
    [0xc2, 0],
    [0xc3, 0],
    [0xca, 4], // float 32 and 64
    [0xcb, 8],
    [0xcc, 1], // unsigned 8, 16, 32
    [0xcd, 2],
    [0xce, 4],
    [0xd0, 1], // signed 8, 16, 32
    [0xd1, 2],
    [0xd2, 4],
  ] as const) {
    table[token] = size;
  }
  table.fill(0, 0xe0, 0x100); // small negative numbers
  return table;
}

/**
 * Accepts exactly what the protocol uses: plain MessagePack without 64-bit integers, inline records (`d4 72 id [keys] values`),
 * typed arrays (extension `t`) and undefined. Everything is bounded by the bytes that are really there.
 *
 * @throws CODEC_MALFORMED, CODEC_TOO_LARGE
 */
export function guardBytes(bytes: Uint8Array, limits: CodecLimits = CODEC_LIMITS): void {
  guardSize(bytes, limits);
  new Walk(bytes, limits.depth).all();
}

/** @throws CODEC_TOO_LARGE */
export function guardSize(bytes: Uint8Array, limits: CodecLimits = CODEC_LIMITS): void {
  if (bytes.length <= limits.bytes) return;
  throw new EsperError(
    'CODEC_TOO_LARGE',
    `a message of ${bytes.length} bytes is over the limit of ${limits.bytes}`,
    { bytes: bytes.length, limit: limits.bytes },
    { hint: 'send large data as an artifact and its address in the message' },
  );
}

/** One walk is over before the next begins, so all may use the same notes. */
const notes = {
  left: new Float64Array(CODEC_LIMITS.depth),
  isMap: new Uint8Array(CODEC_LIMITS.depth),
  records: new Int32Array(64),
};

class Walk {
  #at = 0;
  #depth = 0;
  readonly #bytes: Uint8Array;
  /** Values still to come in each open container, innermost last; maps count keys and values. */
  readonly #left: Float64Array;
  readonly #isMap: Uint8Array;
  readonly #maxDepth: number;
  /** Fields of each record defined so far, by the low six bits of its id; -1 when undefined. */
  #records: Int32Array | undefined;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
    const deeper = maxDepth > CODEC_LIMITS.depth;
    this.#left = deeper ? new Float64Array(maxDepth) : notes.left;
    this.#isMap = deeper ? new Uint8Array(maxDepth) : notes.isMap;
  }

  all(): void {
    this.#value();
    while (this.#depth > 0) {
      const top = this.#depth - 1;
      const left = this.#left[top] ?? 0;
      if (left === 0) {
        this.#depth = top;
        continue;
      }
      this.#left[top] = left - 1;
      if (this.#isMap[top] === 1 && left % 2 === 0) this.#key();
      else this.#value();
    }
    if (this.#at !== this.#bytes.length) this.#refuse('bytes after the end of the message');
  }

  #value(): void {
    const token = this.#byte();
    const payload = PAYLOAD[token] ?? -1;
    if (payload >= 0) this.#skip(payload);
    else if (token < 0x80) this.#reference(token);
    else if (token < 0x90) this.#open((token & 0x0f) * 2, 1);
    else if (token < 0xa0) this.#open(token & 0x0f, 0);
    else if (token >= 0xc4 && token <= 0xc6) this.#skip(this.#number(1 << (token - 0xc4)));
    else if (token >= 0xc7 && token <= 0xc9) this.#extension(this.#number(1 << (token - 0xc7)));
    else if (token === 0xd4 && this.#bytes[this.#at] === RECORD) this.#define();
    else if (token >= 0xd4 && token <= 0xd8) this.#extension(1 << (token - 0xd4));
    else if (token >= 0xd9 && token <= 0xdb) this.#skip(this.#number(1 << (token - 0xd9)));
    else if (token === 0xdc || token === 0xdd) this.#open(this.#number(token === 0xdc ? 2 : 4), 0);
    else if (token === 0xde || token === 0xdf) this.#open(this.#number(token === 0xde ? 2 : 4) * 2, 1);
    else this.#refuse(`0x${token.toString(16)} is not part of the protocol`);
  }

  /** 0x40 to 0x7f: one more record of a kind defined before; a small number when nothing was. */
  #reference(token: number): void {
    const fields = this.#records?.[token & 0x3f] ?? -1;
    if (fields >= 0) this.#open(fields, 0);
  }

  /** A record definition: its id, its keys as an array of text, then the first record's values. */
  #define(): void {
    this.#at += 1;
    const id = this.#byte() & 0x3f;
    const token = this.#byte();
    const fields =
      token >= 0x90 && token < 0xa0 ? token & 0x0f : token === 0xdc ? this.#number(2) : this.#refuse('keys');
    if (fields > this.#bytes.length - this.#at) this.#refuse('more fields than bytes');
    for (let i = 0; i < fields; i++) this.#key();
    this.#records ??= notes.records.fill(-1);
    this.#records[id] = fields;
    this.#open(fields, 0);
  }

  #key(): void {
    const token = this.#byte();
    const length =
      token >= 0xa0 && token < 0xc0
        ? token & 0x1f
        : token >= 0xd9 && token <= 0xdb
          ? this.#number(1 << (token - 0xd9))
          : this.#refuse('a key that is not text');
    const start = this.#at;
    this.#skip(length);
    if (length === 9 && this.#isProto(start)) this.#refuse('__proto__ as a key');
  }

  #isProto(start: number): boolean {
    for (let i = 0; i < 9; i++) if (this.#bytes[start + i] !== '__proto__'.charCodeAt(i)) return false;
    return true;
  }

  #extension(length: number): void {
    const type = this.#byte();
    if (type !== TYPED_ARRAY && !(type === UNDEFINED && length === 1)) {
      this.#refuse(`extension ${type} is not part of the protocol`);
    }
    this.#skip(length);
  }

  #open(count: number, isMap: 0 | 1): void {
    if (count > this.#bytes.length - this.#at) this.#refuse('more elements than bytes');
    if (this.#depth === this.#maxDepth) this.#refuse(`nested deeper than ${this.#maxDepth}`);
    this.#left[this.#depth] = count;
    this.#isMap[this.#depth] = isMap;
    this.#depth += 1;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return this.#refuse('cut short');
    this.#at += 1;
    return byte;
  }

  #number(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + this.#byte();
    return value;
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) this.#refuse('cut short');
    this.#at += length;
  }

  #refuse(why: string): never {
    throw malformed(`${why} at byte ${this.#at}`, { at: this.#at, bytes: this.#bytes.length });
  }
}

/** The one error for bytes that are no message. */
export function malformed(
  why: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): EsperError {
  return new EsperError('CODEC_MALFORMED', `these bytes are no message: ${why}`, details, {
    cause,
    hint: 'the bytes were damaged on the way or come from another program; ask the sender again',
  });
}
