/** Finds out whether a second thread helps, and asks again now and then: other work may have come to its core. */

/** Passes that are timed in each way. */
const TIMED = 6;
/** Passes until the question is asked again. */
const SETTLED = 2000;

/** Times passes alone and together by turns, then lets the faster way have the next ones. */
export class Trial {
  readonly #nowMs: () => number;
  #pass = 0;
  #sums: [alone: number, together: number] = [0, 0];

  /** @param nowMs monotonic milliseconds, with fractions */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Runs a pass in one of two ways that give the same numbers. */
  run(alone: () => void, together: () => void): void {
    if (this.#pass < 2 * TIMED) {
      const way = this.#pass % 2 === 0 ? 0 : 1;
      const before = this.#nowMs();
      (way === 0 ? alone : together)();
      this.#sums[way] += this.#nowMs() - before;
    } else if (this.#sums[1] < this.#sums[0]) together();
    else alone();
    this.#pass++;
    if (this.#pass < SETTLED) return;
    this.#pass = 0;
    this.#sums = [0, 0];
  }
}
