/** One coarse wheel for every deadline: arming one costs a link in a list, not a timer object. */
import type { Clock } from '../ports/clock.ts';

const TICK_MS = 10;
const BUCKETS = 512;

/** Something that must be over by a certain time; the wheel links it in place. */
export abstract class Deadline {
  previous: Deadline | null = null;
  next: Deadline | null = null;
  dueTick = 0;
  /** Called once, when it was not disarmed in time. */
  abstract expire(): void;
}

class Bucket extends Deadline {
  expire(): void {}
}

/** Deadlines fire at most one tick (10 ms) late and never early. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #buckets: Bucket[] = Array.from({ length: BUCKETS }, () => new Bucket());
  #armed = 0;
  #tick = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns when it is due, monotonic milliseconds */
  arm(deadline: Deadline, withinMs: number): number {
    const nowMs = this.#clock.nowMs();
    if (this.#cancel === null) this.#begin(nowMs);
    const dueMs = nowMs + Math.max(0, withinMs);
    deadline.dueTick = Math.ceil(dueMs / TICK_MS);
    const bucket = this.#buckets[Math.max(deadline.dueTick, this.#tick + 1) % BUCKETS] as Bucket;
    deadline.previous = bucket;
    deadline.next = bucket.next;
    if (bucket.next !== null) bucket.next.previous = deadline;
    bucket.next = deadline;
    this.#armed++;
    return dueMs;
  }

  /** Harmless when it is not armed. */
  disarm(deadline: Deadline): void {
    if (deadline.previous === null) return;
    deadline.previous.next = deadline.next;
    if (deadline.next !== null) deadline.next.previous = deadline.previous;
    deadline.previous = null;
    deadline.next = null;
    this.#armed--;
  }

  /** Stops the wheel; what is still armed will never expire. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #begin(nowMs: number): void {
    this.#tick = Math.floor(nowMs / TICK_MS);
    this.#cancel = this.#clock.after(TICK_MS, this.#turn);
  }

  /** An empty wheel is left to run out by itself: stopping a timer for every lone ask would cost more. */
  readonly #turn = (): void => {
    const now = Math.floor(this.#clock.nowMs() / TICK_MS);
    const from = Math.max(this.#tick + 1, now - BUCKETS + 1);
    for (let tick = from; tick <= now; tick++) this.#empty(this.#buckets[tick % BUCKETS] as Bucket, now);
    this.#tick = now;
    this.#cancel = this.#armed > 0 ? this.#clock.after(TICK_MS, this.#turn) : null;
  };

  #empty(bucket: Bucket, now: number): void {
    for (let deadline = bucket.next; deadline !== null; ) {
      const { next } = deadline;
      if (deadline.dueTick <= now) {
        this.disarm(deadline);
        deadline.expire();
      }
      deadline = next;
    }
  }
}
