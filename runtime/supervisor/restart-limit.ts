/** Counts the restarts of one supervisor, and says how long each must wait, or that it was one too many. */
import type { Kernel } from '../actor/kernel.ts';
import { backoffMs } from './backoff.ts';
import { addRestart, type Intensity } from './intensity.ts';
import type { Backoff } from './spec.ts';

export class RestartLimit {
  readonly #kernel: Kernel;
  readonly #path: string;
  #restarts: readonly number[] = [];
  #pauseMs = 0;

  constructor(kernel: Kernel, path: string) {
    this.#kernel = kernel;
    this.#path = path;
  }

  /** Restarts within the window, as of the newest. */
  get count(): number {
    return this.#restarts.length;
  }

  /**
   * One more restart is due.
   * @returns milliseconds to wait before it, or null: this is one too many
   */
  next(limit: Intensity & { readonly backoff: Backoff | null }): number | null {
    const nowMs = this.#kernel.clock.nowMs();
    const { restarts, exceeded } = addRestart(this.#restarts, nowMs, limit);
    this.#restarts = restarts;
    if (exceeded) return null;
    if (limit.backoff === null) return this.#afforded(nowMs);
    const before = restarts.length === 1 ? 0 : this.#pauseMs;
    this.#pauseMs = backoffMs(limit.backoff, before, this.#kernel.random.next());
    return Math.max(this.#pauseMs, this.#afforded(nowMs));
  }

  /** A new life begins with a clean record. */
  clear(): void {
    this.#restarts = [];
    this.#pauseMs = 0;
  }

  /** What the node's budget says: it delays, and never refuses. */
  #afforded(nowMs: number): number {
    const { restartBudget, metrics, log } = this.#kernel;
    if (restartBudget === null) return 0;
    const waitMs = restartBudget.take(nowMs);
    if (waitMs > 0) {
      metrics.count('esper_restarts_delayed_total');
      log.write('warn', 'a restart waits for the budget of the node', { supervisor: this.#path, waitMs });
    }
    return waitMs;
  }
}
