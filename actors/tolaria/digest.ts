/** A checksum of everything that training depends on: two runs that agree on it agree on every bit. */
import type { NetworkImage } from '../../nn/index.ts';

/**
 * Hashes weights, moments and counters bit by bit, then the plain state beside them as canonical JSON.
 * Guards against accidents and divergence, not against an adversary: checkpoints carry SHA-256 for that.
 *
 * @returns 16 hex digits
 */
export function digest(image: NetworkImage, state: unknown): string {
  const hash = new TwoLanes();
  for (const { name, data } of image.tensors) {
    hash.text(name);
    hash.words(new Int32Array(data.buffer, data.byteOffset, data.length));
  }
  hash.text(canonical(image.structure));
  hash.text(canonical(state));
  return hash.hex();
}

/**
 * The digest of a boundary: the network and the plain state beside it, without the scars. They count what was
 * suffered, and a crash that strikes once is suffered once: a run that is resumed need not suffer it again.
 */
export function boundaryDigest(image: NetworkImage, saved: { readonly scars: unknown }): string {
  const { scars: _, ...decisive } = saved;
  return digest(image, decisive);
}

/** JSON of plain data with sorted keys, so that the order in which fields were set does not matter. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value));

/** A copy; a replacer would be asked about every value, and takes five times as long. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = value as Record<string, unknown>;
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(fields).sort()) copy[key] = sorted(fields[key]);
  return copy;
}

const PRIME_A = 0x01000193;
const PRIME_B = 0x85ebca77;

/** One word into a lane of the first kind. */
const stirA = (lane: number, word: number): number => {
  const stirred = Math.imul(lane ^ word, PRIME_A);
  return stirred ^ (stirred >>> 15);
};

/** One word into a lane of the second kind. */
const stirB = (lane: number, word: number): number => {
  const stirred = Math.imul((lane + word) | 0, PRIME_B);
  return stirred ^ (stirred >>> 13);
};

/**
 * Two 32-bit multiply-xor lanes with different constants, 64 bits together. Long texts of words go through four pairs
 * side by side, which are stirred into one at the end: a lane waits for itself, so that one pair takes three times as long.
 */
class TwoLanes {
  #a = 0x9e3779b9 | 0;
  #b = 0x85ebca6b | 0;

  words(words: Int32Array): void {
    const whole = words.length - (words.length % 4);
    let [a0, a1, a2, a3] = [this.#a, this.#a ^ 1, this.#a ^ 2, this.#a ^ 3];
    let [b0, b1, b2, b3] = [this.#b, this.#b ^ 1, this.#b ^ 2, this.#b ^ 3];
    for (let i = 0; i < whole; i += 4) {
      const [w0, w1, w2, w3] = [words[i]!, words[i + 1]!, words[i + 2]!, words[i + 3]!];
      a0 = stirA(a0, w0);
      a1 = stirA(a1, w1);
      a2 = stirA(a2, w2);
      a3 = stirA(a3, w3);
      b0 = stirB(b0, w0);
      b1 = stirB(b1, w1);
      b2 = stirB(b2, w2);
      b3 = stirB(b3, w3);
    }
    for (let i = whole; i < words.length; i++) [a0, b0] = [stirA(a0, words[i]!), stirB(b0, words[i]!)];
    for (const lane of [a1, a2, a3, b1, b2, b3]) [a0, b0] = [stirA(a0, lane), stirB(b0, lane)];
    this.#a = Math.imul(a0 ^ words.length, 0xc2b2ae35);
    this.#b = b0 ^ a0;
  }

  text(text: string): void {
    const words = new Int32Array(text.length);
    for (let i = 0; i < text.length; i++) words[i] = text.charCodeAt(i);
    this.words(words);
  }

  hex(): string {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
