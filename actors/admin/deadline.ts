/** Until when an answer to a command is of use: whoever is asked on its way waits a little less than those who asked. */
import type { Clock } from '../../runtime/ports/clock.ts';

/** Milliseconds anybody is waited for at least, and at most. */
const LEAST_MS = 1_000;
const MOST_MS = 600_000;
/** Milliseconds kept back at most, for the answer to travel. */
const SPARE_MS = 1_000;

const bounded = (ms: number): number => Math.min(MOST_MS, Math.max(LEAST_MS, ms));

/**
 * Milliseconds to wait for the next one on the way: a tenth less than what is left, but no more than a second less.
 * @param leftMs of whoever asked
 */
export const hopMs = (leftMs: number): number => bounded(leftMs - Math.min(SPARE_MS, leftMs / 10));

export class Deadline {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #atMs: number;

  /** @param fromMs when the command came in, monotonic; @param waitMs what its caller waits from then on, ten minutes at most */
  constructor(clock: Pick<Clock, 'nowMs'>, fromMs: number, waitMs: number) {
    this.#clock = clock;
    this.#atMs = fromMs + Math.min(MOST_MS, waitMs);
  }

  get leftMs(): number {
    return Math.max(0, this.#atMs - this.#clock.nowMs());
  }

  /** For somebody without whom there is no answer. @param afterwardsMs still needed when they have answered */
  hopMs(afterwardsMs = 0): number {
    return hopMs(this.leftMs - afterwardsMs);
  }

  /** For somebody without whom there is an answer, if a poorer one. */
  get glanceMs(): number {
    return bounded(this.leftMs / 4);
  }

  /** What was asked for, in milliseconds, as far as the caller still waits. */
  within(seconds: number): number {
    return Math.min(seconds * 1_000, this.hopMs());
  }
}
