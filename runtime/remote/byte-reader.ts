/** Reads what a byte writer wrote. Lengths are lies until they have been held against the bytes that are really there. */
import { malformed } from '../../contracts/codec-guard.ts';

/** Longest text that is put together here; for a longer one the platform's decoder is faster. */
const SHORT = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** All its methods throw CODEC_MALFORMED when the bytes end too early or are none of what was asked for. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return this.#refuse('cut short');
    this.#at += 1;
    return byte;
  }

  whole(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte % 128) * factor;
      if (value > Number.MAX_SAFE_INTEGER) this.#refuse('a number that is too large');
      if (byte < 128) return value;
      if (factor > 2 ** 42) this.#refuse('a number that does not end');
    }
  }

  float(): number {
    const at = this.#skip(8);
    const { buffer, byteOffset } = this.#bytes;
    return new DataView(buffer, byteOffset + at, 8).getFloat64(0);
  }

  text(): string {
    const length = this.whole();
    const start = this.#skip(length);
    let text = '';
    for (let at = start; at < start + length; at++) {
      const code = this.#bytes[at] as number;
      if (code > 127 || length > SHORT) return this.#decoded(start, length);
      text += String.fromCharCode(code);
    }
    return text;
  }

  /** A copy. */
  bytes(): Uint8Array {
    const length = this.whole();
    const start = this.#skip(length);
    return this.#bytes.slice(start, start + length);
  }

  /** There is nothing behind what was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) this.#refuse('bytes after the end');
  }

  #decoded(start: number, length: number): string {
    try {
      return utf8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      return this.#refuse('text that is none');
    }
  }

  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) this.#refuse('cut short');
    this.#at = start + length;
    return start;
  }

  #refuse(why: string): never {
    throw malformed(`${why} at byte ${this.#at}`, { at: this.#at, bytes: this.#bytes.length });
  }
}
