/** Single numbers in the arena that change from step to step while the program stays: alphas, rates, corrections. */

/** The arena's first bytes are never handed out: address 0 means nowhere. */
const FIRST = 64;

/** Hands out addresses, in bytes. */
export class Cells {
  #next = FIRST;

  /** Where the next thing could be. */
  get end(): number {
    return this.#next;
  }

  float(count = 1): number {
    return this.#take(4 * count, 4);
  }

  double(count = 1): number {
    return this.#take(8 * count, 8);
  }

  #take(bytes: number, alignment: number): number {
    const at = aligned(this.#next, alignment);
    this.#next = at + bytes;
    return at;
  }
}

export const aligned = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;
