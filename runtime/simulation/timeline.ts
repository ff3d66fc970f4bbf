/** The one line of time that all nodes of a simulated world share: what is due next, and when. */

import type { Clock } from '../ports/clock.ts';

interface Moment {
  readonly atMs: number;
  readonly order: number;
  fire: (() => void) | null;
}

export class Timeline {
  #nowMs = 0;
  #order = 0;
  #heap: Moment[] = [];

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Plans `fire`; what is due at the same moment keeps its order. The answer cancels it. */
  at(atMs: number, fire: () => void): () => void {
    const moment: Moment = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, fire };
    this.#heap.push(moment);
    this.#rise(this.#heap.length - 1);
    return () => {
      moment.fire = null;
    };
  }

  /** Moves to the next moment at or before `untilMs` and hands over what is due; undefined, and time at `untilMs`, when nothing is. */
  next(untilMs: number): (() => void) | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.fire !== null && first.atMs > untilMs) break;
      this.#takeFirst();
      if (first.fire === null) continue;
      this.#nowMs = first.atMs;
      return first.fire;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return undefined;
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapped(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = right < this.#heap.length && earlier(this.#heap[right], this.#heap[left]) ? right : left;
      if (child >= this.#heap.length || !this.#swapped(child, at)) return;
      at = child;
    }
  }

  /** Puts the child above its parent when it is due earlier. */
  #swapped(child: number, parent: number): boolean {
    const [below, above] = [this.#heap[child], this.#heap[parent]];
    if (below === undefined || above === undefined || !earlier(below, above)) return false;
    this.#heap[child] = above;
    this.#heap[parent] = below;
    return true;
  }
}

const earlier = (a: Moment | undefined, b: Moment | undefined): boolean =>
  a !== undefined && b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));

/** Time as nobody inside the world can see it: for what stands outside, such as a broker. */
export const worldClock = (timeline: Timeline): Clock => ({
  nowMs: () => timeline.nowMs,
  wallMs: () => timeline.nowMs,
  after: (delayMs, fire) => timeline.at(timeline.nowMs + Math.max(0, delayMs), fire),
  soon: (fire) => void timeline.at(timeline.nowMs, fire),
});
