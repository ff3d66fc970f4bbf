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
    hash.words(new Uint32Array(data.buffer, data.byteOffset, data.length));
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

/** Two 32-bit multiply-xor lanes with different constants; together 64 bits. */
class TwoLanes {
  #a = 0x9e3779b9;
  #b = 0x85ebca6b;

  words(words: Uint32Array): void {
    let [a, b] = [this.#a, this.#b];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number;
      a = Math.imul(a ^ word, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x85ebca77);
      b ^= b >>> 13;
    }
    this.#a = Math.imul(a ^ words.length, 0xc2b2ae35);
    this.#b = b ^ a;
  }

  text(text: string): void {
    const words = new Uint32Array(text.length);
    for (let i = 0; i < text.length; i++) words[i] = text.charCodeAt(i);
    this.words(words);
  }

  hex(): string {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
