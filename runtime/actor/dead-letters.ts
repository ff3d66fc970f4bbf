/** Messages nobody could take: the newest are kept, all are counted, each has a reason. */
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Message } from './messages.ts';
import { Ring } from './ring.ts';

export type DeadLetterReason =
  | 'gone'
  | 'stopped'
  | 'mailbox_full'
  | 'not_understood'
  | 'poison'
  | 'not_stored'
  | 'late_reply';

export interface DeadLetter {
  readonly to: string;
  readonly reason: DeadLetterReason;
  readonly message: Message;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

export class DeadLetters {
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #capacity: number;
  readonly #ring = new Ring<DeadLetter>();
  readonly #counts = new Map<DeadLetterReason, number>();

  constructor(clock: Clock, metrics: Metrics, capacity = 1_000) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#capacity = capacity;
  }

  add(to: string, reason: DeadLetterReason, message: Message): void {
    this.#counts.set(reason, this.count(reason) + 1);
    this.#metrics.count('esper_dead_letters_total', 1, { reason });
    if (this.#ring.size === this.#capacity) this.#ring.shift();
    this.#ring.push({ to, reason, message, atMs: this.#clock.nowMs() });
  }

  /** Oldest first. */
  recent(): readonly DeadLetter[] {
    return this.#ring.toArray();
  }

  /** How many ever, of one reason or in all. */
  count(reason?: DeadLetterReason): number {
    if (reason !== undefined) return this.#counts.get(reason) ?? 0;
    let all = 0;
    for (const count of this.#counts.values()) all += count;
    return all;
  }
}
