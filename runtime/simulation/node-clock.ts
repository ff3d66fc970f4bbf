/** How one life of a node sees time: its own zero, its own pace, its own idea of the date. */
import type { Clock } from '../ports/clock.ts';
import type { Timeline } from './timeline.ts';

/** How a life lets something run: at once, later when it stands still, or never when it is over. */
export type Enter = (run: () => void) => void;

export interface NodeClockOptions {
  /** What the monotonic clock says when this life begins: a reboot sets it anew. */
  readonly fromMs: number;
  /** UTC milliseconds when the world began. */
  readonly epochMs: number;
  readonly enter: Enter;
  /** Queues for another turn of this node. */
  readonly soon: (fire: () => void) => void;
}

export class NodeClock implements Clock {
  readonly #timeline: Timeline;
  readonly #options: NodeClockOptions;
  #baseMs: number;
  #sinceMs: number;
  #rate = 1;
  #jumpedMs = 0;
  #armed = 0;

  constructor(timeline: Timeline, options: NodeClockOptions) {
    this.#timeline = timeline;
    this.#options = options;
    this.#baseMs = options.fromMs;
    this.#sinceMs = timeline.nowMs;
  }

  nowMs(): number {
    return this.#baseMs + (this.#timeline.nowMs - this.#sinceMs) * this.#rate;
  }

  wallMs(): number {
    return this.#options.epochMs + this.#timeline.nowMs + this.#jumpedMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    return this.#plan(this.nowMs() + Math.max(0, delayMs), fire);
  }

  soon(fire: () => void): void {
    this.#options.soon(fire);
  }

  /** Timers that have neither fired nor been cancelled. */
  get armed(): number {
    return this.#armed;
  }

  /** From now on the monotonic clock runs at `rate`; what it says now stays. */
  drift(rate: number): void {
    this.#baseMs = this.nowMs();
    this.#sinceMs = this.#timeline.nowMs;
    this.#rate = rate;
  }

  jumpWall(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  /** A pace that changed on the way makes a timer look again; it is never early by its own clock. */
  #plan(dueMs: number, fire: () => void): () => void {
    let over = false;
    const settle = () => {
      if (!over) this.#armed--;
      over = true;
    };
    this.#armed++;
    let cancel = () => {};
    const look = () => {
      const leftMs = dueMs - this.nowMs();
      cancel = this.#timeline.at(this.#timeline.nowMs + Math.max(0, leftMs) / this.#rate, arrive);
    };
    const arrive = () => {
      if (dueMs - this.nowMs() > 1e-6) return look();
      this.#options.enter(() => {
        if (over) return;
        settle();
        fire();
      });
    };
    look();
    return () => {
      settle();
      cancel();
    };
  }
}
