/** Finds out whether a second thread helps, and asks again now and then: other work may have come to its core. */

/** Passes that are timed in each way: odd, so that one of them is the median. */
const TIMED = 7;
/** Passes until the question is asked again. */
const SETTLED = 600;

/** Times passes alone and together by turns, then lets the faster way have the next ones. */
export class Trial {
  readonly #nowMs: () => number;
  #pass = 0;
  #alone: number[] = [];
  #together: number[] = [];
  #pays = false;

  /** @param nowMs monotonic milliseconds, with fractions */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Runs a pass in one of two ways that give the same numbers. */
  run(alone: () => void, together: () => void): void {
    if (this.#pass < 2 * TIMED) this.#time(alone, together);
    else if (this.#pays) together();
    else alone();
    this.#pass++;
    if (this.#pass < SETTLED) return;
    this.#pass = 0;
    this.#alone = [];
    this.#together = [];
  }

  #time(alone: () => void, together: () => void): void {
    const first = this.#pass % 2 === 0;
    const before = this.#nowMs();
    (first ? alone : together)();
    (first ? this.#alone : this.#together).push(this.#nowMs() - before);
    // A pause for other work, or a thread that is only starting, falls on some passes: the middle one tells.
    if (this.#pass === 2 * TIMED - 1) this.#pays = median(this.#together) < median(this.#alone);
  }
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;
