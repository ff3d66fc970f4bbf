/** How many restarts a whole node can afford: a bucket of tokens that all its supervisors draw from. */

export interface RestartBudgetOptions {
  /** Tokens that come back, spread evenly over a minute. */
  readonly perMinute: number;
  /** Tokens when the bucket is full: restarts that may happen at once. */
  readonly burst: number;
}

/** An empty bucket never refuses: it makes each restart wait for its own token. */
export class RestartBudget {
  readonly #options: RestartBudgetOptions;
  /** Below zero: tokens promised to restarts that wait. */
  #tokens: number;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(options: RestartBudgetOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  /** Takes one token and says how many milliseconds to wait until it is there; 0 when it is. */
  take(nowMs: number): number {
    const { perMinute, burst } = this.#options;
    const tokensPerMs = perMinute / 60_000;
    this.#tokens = Math.min(burst, this.#tokens + (nowMs - this.#atMs) * tokensPerMs) - 1;
    this.#atMs = nowMs;
    return this.#tokens >= 0 ? 0 : -this.#tokens / tokensPerMs;
  }
}
