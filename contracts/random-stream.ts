/** Seeded random numbers whose state can be saved: every checkpoint holds one, so its form is a contract. */

/** xoshiro128** state: four unsigned 32-bit words, never all zero. */
export type RandomState = readonly [number, number, number, number];

export interface RandomStream {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Standard normal, by Box-Muller; uses two draws each time so that the state stays four words. */
  normal(): number;
  /** A stream of its own for `label`: same parent seed and label, same child; drawing from one does not move the other. */
  split(label: string): RandomStream;
  save(): RandomState;
  load(state: RandomState): void;
}

/**
 * Makes a stream from a seed.
 * @see Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018
 */
export function randomStream(seed: number | string): RandomStream {
  return new Xoshiro(expand(typeof seed === 'string' ? hash(seed) : seed >>> 0));
}

/** Resumes a stream at a saved state. */
export function resumeStream(state: RandomState): RandomStream {
  return new Xoshiro(state);
}

class Xoshiro implements RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#d] = state;
  }
  #word(): number {
    const scrambled = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return scrambled;
  }
  next(): number {
    return this.#word() / 4294967296;
  }
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }
  split(label: string): RandomStream {
    return new Xoshiro(expand(hash(label) ^ this.#a ^ rotate(this.#c, 13)));
  }
  save(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }
  load([a, b, c, d]: RandomState): void {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by));

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** SplitMix32: spreads one word over four, so that near seeds give far streams. */
function expand(seed: number): RandomState {
  let s = seed >>> 0;
  const word = () => {
    s = (s + 0x9e3779b9) >>> 0;
    let z = s ^ (s >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const state = [word(), word(), word(), word()] as const;
  return state.some((w) => w !== 0) ? state : [1, 0, 0, 0];
}
