/** Which values a dropout keeps: fixed by key, step and position alone, so that any plan draws the same ones. */

/** 32 bits for the name of a dropout. @see Fowler, Noll and Vo's hash 1a */
export function dropoutKey(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Seed of one dropout in one step. */
export const dropoutSeed = (name: string, step: number): number =>
  (dropoutKey(name) ^ Math.imul(step + 1, 0x9e3779b9)) >>> 0;

/** A well-mixed number in 0..2^32-1 for the value at `index` of the whole batch (row-major). @see MurmurHash3's finaliser */
export function dropoutDraw(seed: number, index: number): number {
  let h = (seed + Math.imul(index, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** What each of `length` values is multiplied by: 0, or 1 / (1 - rate). */
export function dropoutMask(seed: number, length: number, rate: number): Float32Array {
  const [threshold, kept] = [rate * 4294967296, 1 / (1 - rate)];
  return Float32Array.from({ length }, (_, i) => (dropoutDraw(seed, i) < threshold ? 0 : kept));
}
