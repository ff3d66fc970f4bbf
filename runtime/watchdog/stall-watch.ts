/** Decides from looks at a beat whether an event loop stands still; whoever slept while looking accuses nobody. */

export interface StallWatchOptions {
  /** Milliseconds without a beat that are too long. */
  readonly limitMs: number;
  /** Milliseconds between two looks; a gap of three of them means that the watcher itself did not run. */
  readonly checkMs: number;
}

/** `stalled` and `over` are said once for each standstill. */
export type StallVerdict = 'beating' | 'stalled' | 'over';

export class StallWatch {
  readonly #options: StallWatchOptions;
  #beats = -1;
  /** When the beat was last seen to move, monotonic milliseconds. */
  #movedMs = 0;
  #lookedMs: number | null = null;
  #stalled = false;

  constructor(options: StallWatchOptions) {
    this.#options = options;
  }

  /** Since when the beat has not moved, as far as could be seen. */
  get sinceMs(): number {
    return this.#movedMs;
  }

  /** @param beats rises with every turn of the loop that is watched */
  look(nowMs: number, beats: number): StallVerdict {
    const slept = this.#lookedMs === null || nowMs - this.#lookedMs >= 3 * this.#options.checkMs;
    this.#lookedMs = nowMs;
    if (beats !== this.#beats) {
      this.#beats = beats;
      this.#movedMs = nowMs;
      const over = this.#stalled;
      this.#stalled = false;
      return over ? 'over' : 'beating';
    }
    if (this.#stalled) return 'beating';
    if (slept) this.#movedMs = nowMs;
    this.#stalled = nowMs - this.#movedMs >= this.#options.limitMs;
    return this.#stalled ? 'stalled' : 'beating';
  }
}
