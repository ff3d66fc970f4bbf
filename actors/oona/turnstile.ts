/** Lets work in in order, so much at a time, and the rest when there is room. */
export class Turnstile {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Work that waits or is being done. */
  get size(): number {
    return this.#busy + this.#waiting.length;
  }

  /** @returns what `work` returns, or throws what it throws */
  async pass<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#busy < this.#atOnce) this.#busy++;
    else await new Promise<void>((enter) => this.#waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}
