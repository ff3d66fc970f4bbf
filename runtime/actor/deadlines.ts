/** One coarse wheel for every deadline: arming one costs a link in a list, not a timer object. */
import type { Clock } from '../ports/clock.ts';

const TICK_MS = 10;
const BUCKETS = 512;

/** Something that must be over by a certain time. The wheel links it in place: its fields are the wheel's. */
export interface Deadline {
  previous: Deadline | null;
  next: Deadline | null;
  /** The tick it fires at, the first that is not too early. */
  dueTick: number;
  /** Called once, when it was not disarmed in time. */
  expire(): void;
}

class Bucket implements Deadline {
  previous: Deadline | null = null;
  next: Deadline | null = null;
  dueTick = 0;
  expire(): void {}
}

/** When it fires, monotonic milliseconds. */
export const dueMsOf = ({ dueTick }: Deadline): number => dueTick * TICK_MS;

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

  arm(deadline: Deadline, withinMs: number): void {
    const nowMs = this.#clock.nowMs();
    if (this.#cancel === null) this.#begin(nowMs);
    deadline.dueTick = Math.ceil((nowMs + Math.max(0, withinMs)) / TICK_MS);
    const bucket = this.#buckets[Math.max(deadline.dueTick, this.#tick + 1) % BUCKETS] as Bucket;
    link(deadline, bucket);
    this.#armed++;
  }

  /** Harmless when it is not armed. */
  disarm(deadline: Deadline): void {
    if (deadline.previous === null) return;
    unlink(deadline);
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

  /** What is due leaves the bucket before any of it fires: one that fires may disarm others, or arm new ones here. */
  #empty(bucket: Bucket, now: number): void {
    const due = new Bucket();
    let last: Deadline = due;
    for (let deadline = bucket.next; deadline !== null; ) {
      const { next } = deadline;
      if (deadline.dueTick <= now) {
        unlink(deadline);
        link(deadline, last);
        last = deadline;
      }
      deadline = next;
    }
    for (let deadline = due.next; deadline !== null; deadline = due.next) {
      this.disarm(deadline);
      deadline.expire();
    }
  }
}

function link(deadline: Deadline, after: Deadline): void {
  deadline.previous = after;
  deadline.next = after.next;
  if (after.next !== null) after.next.previous = deadline;
  after.next = deadline;
}

function unlink(deadline: Deadline): void {
  if (deadline.previous !== null) deadline.previous.next = deadline.next;
  if (deadline.next !== null) deadline.next.previous = deadline.previous;
  deadline.previous = null;
  deadline.next = null;
}
