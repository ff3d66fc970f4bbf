/** Everyone who waits for a time, soonest first: one heap, so that one timer does for all. */
import type { Wait } from './task-cell.ts';

export class Sleepers {
  readonly #heap: Wait[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Monotonic milliseconds; infinity when nobody sleeps. */
  get earliestMs(): number {
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  add(wait: Wait, dueMs: number): void {
    wait.dueMs = dueMs;
    wait.order = this.#order++;
    this.#heap.push(wait);
    this.#rise(wait, this.#heap.length - 1);
  }

  /** Harmless when it is not here. */
  remove(wait: Wait): void {
    const { at } = wait;
    if (at < 0) return;
    wait.at = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === wait) return;
    this.#rise(last, at);
    if (last.at === at) this.#sink(last, at);
  }

  /** The soonest, if its time has come; of equal times, who came first. */
  takeDue(nowMs: number): Wait | null {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return null;
    this.remove(first);
    return first;
  }

  clear(): void {
    for (const wait of this.#heap) wait.at = -1;
    this.#heap.length = 0;
  }

  #rise(wait: Wait, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above] as Wait;
      if (!sooner(wait, parent)) break;
      this.#put(parent, at);
      at = above;
    }
    this.#put(wait, at);
  }

  #sink(wait: Wait, from: number): void {
    const { length } = this.#heap;
    let at = from;
    for (let below = 2 * at + 1; below < length; below = 2 * at + 1) {
      const right = this.#heap[below + 1];
      let child = this.#heap[below] as Wait;
      let place = below;
      if (right !== undefined && sooner(right, child)) {
        child = right;
        place = below + 1;
      }
      if (!sooner(child, wait)) break;
      this.#put(child, at);
      at = place;
    }
    this.#put(wait, at);
  }

  #put(wait: Wait, at: number): void {
    this.#heap[at] = wait;
    wait.at = at;
  }
}

const sooner = (a: Wait, b: Wait): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
