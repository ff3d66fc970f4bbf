/** Ids of what was handled lately, so that what comes twice has its effect once. */
import type { Clock } from '../../runtime/index.ts';

export class Seen {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #forMs: number;
  /** When each was handled, oldest first. */
  readonly #at = new Map<string, number>();

  /** @param most ids remembered, @param forMs milliseconds each is remembered at most */
  constructor(clock: Clock, most: number, forMs: number) {
    this.#clock = clock;
    this.#most = most;
    this.#forMs = forMs;
  }

  has(id: string): boolean {
    const at = this.#at.get(id);
    return at !== undefined && this.#clock.nowMs() - at < this.#forMs;
  }

  add(id: string): void {
    const nowMs = this.#clock.nowMs();
    this.#at.delete(id);
    this.#at.set(id, nowMs);
    for (const [oldest, at] of this.#at) {
      if (this.#at.size <= this.#most && nowMs - at < this.#forMs) return;
      this.#at.delete(oldest);
    }
  }

  get size(): number {
    return this.#at.size;
  }
}
