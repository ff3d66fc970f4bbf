/** How an actor is getting on. Busy is not stuck, and a heartbeat is not progress. */
import type { Clock } from '../ports/clock.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import type { MailCounts } from './mailbox.ts';

export interface Vitals {
  /** Milliseconds it has been at work without a break, at one message or at its jobs; 0 when it waits for mail. */
  readonly busyMs: number;
  /** Messages handled and all that `cx.progress` told, and when this was last seen to have grown. */
  readonly progress: { readonly value: number; readonly atMs: number };
  /** What became of all that was sent to it. */
  readonly mail: MailCounts;
}

export class Pulse implements Deadline {
  previous: Deadline | null = null;
  next: Deadline | null = null;
  dueTick = 0;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #limitMs: number | null;
  readonly #stalled: (limitMs: number) => void;
  #sinceMs: number | null = null;
  #told = 0;
  #seen = 0;
  #atMs: number;

  /** @param limitMs the longest a handler may take, null for as long as it likes */
  constructor(
    { clock, deadlines }: { readonly clock: Clock; readonly deadlines: Deadlines },
    limitMs: number | null,
    stalled: (limitMs: number) => void,
  ) {
    this.#clock = clock;
    this.#deadlines = deadlines;
    this.#limitMs = limitMs;
    this.#stalled = stalled;
    this.#atMs = clock.nowMs();
  }

  /** A handler has gone to wait for something. */
  begin(): void {
    this.#sinceMs = this.#clock.nowMs();
    if (this.#limitMs !== null) this.#deadlines.arm(this, this.#limitMs);
  }

  end(): void {
    if (this.#sinceMs === null) return;
    this.#sinceMs = null;
    if (this.#limitMs !== null) this.#deadlines.disarm(this);
  }

  progress(by: number): void {
    this.#told += by;
    this.#atMs = this.#clock.nowMs();
  }

  /** @param jobsSinceMs when the oldest of its jobs began, null when it has none */
  vitals(handled: number, jobsSinceMs: number | null, mail: MailCounts): Vitals {
    const nowMs = this.#clock.nowMs();
    // Reading the clock for every message would cost more than most handlers: a rise counts when it is looked at.
    if (handled > this.#seen) this.#atMs = nowMs;
    this.#seen = handled;
    const sinceMs = Math.min(this.#sinceMs ?? nowMs, jobsSinceMs ?? nowMs);
    return { busyMs: nowMs - sinceMs, progress: { value: handled + this.#told, atMs: this.#atMs }, mail };
  }

  expire(): void {
    this.#stalled(this.#limitMs ?? 0);
  }
}
