/** Five rings, one a class; who has waited long counts as more urgent than they were. */
import type { Clock } from '../ports/clock.ts';
import type { Lane, LaneHost } from './lane.ts';
import type { PriorityOptions } from './mailbox-options.ts';
import { PRIORITIES, type Priority } from './priority.ts';
import { Ring } from './ring.ts';

interface Waiting<T> {
  readonly item: T;
  readonly atMs: number;
  /** Rises with every message: who came first, when two are equally urgent. */
  readonly order: number;
}

export class PriorityLane<T> implements Lane<T> {
  readonly coalesced = 0;
  shed = 0;
  readonly #capacity: number;
  readonly #quotas: readonly number[];
  readonly #ageMs: number;
  readonly #classOf: (item: T) => Priority;
  readonly #clock: Clock;
  readonly #host: LaneHost<T>;
  readonly #rings = PRIORITIES.map(() => new Ring<Waiting<T>>());
  #size = 0;
  #order = 0;

  constructor(
    { capacity, priorities }: { readonly capacity: number; readonly priorities: PriorityOptions },
    classOf: (item: T) => Priority,
    clock: Clock,
    host: LaneHost<T>,
  ) {
    this.#capacity = capacity;
    this.#quotas = PRIORITIES.map((priority) => priorities.quotas?.[priority] ?? capacity);
    this.#ageMs = priorities.ageMs;
    this.#classOf = classOf;
    this.#clock = clock;
    this.#host = host;
  }

  get size(): number {
    return this.#size;
  }
  get ready(): boolean {
    return this.#size > 0;
  }

  /** Full: the newest of the least urgent class that waits gives way, unless this one is no more urgent than it. */
  offer(item: T): boolean {
    const priority = this.#classOf(item);
    if (this.#ring(priority).size >= (this.#quotas[priority] as number)) return false;
    if (this.#size >= this.#capacity && !this.#makeRoomFor(priority)) return false;
    this.#push(priority, item);
    return true;
  }

  force(item: T): void {
    this.#push(this.#classOf(item), item);
  }

  /** Each ring is in order of age, so the most urgent message is one of five heads. */
  take(): T | undefined {
    if (this.#size === 0) return undefined;
    const nowMs = this.#clock.nowMs();
    let best: Ring<Waiting<T>> | undefined;
    let bestClass = Number.POSITIVE_INFINITY;
    let bestOrder = 0;
    for (const priority of PRIORITIES) {
      const ring = this.#ring(priority);
      const head = ring.peek();
      if (head === undefined) continue;
      const risen = Math.max(0, priority - Math.floor((nowMs - head.atMs) / this.#ageMs));
      if (risen > bestClass || (risen === bestClass && head.order > bestOrder)) continue;
      best = ring;
      bestClass = risen;
      bestOrder = head.order;
    }
    this.#size--;
    return best?.shift()?.item;
  }

  toArray(): readonly T[] {
    return this.#rings.flatMap((ring) => ring.toArray().map(({ item }) => item));
  }

  drain(): T[] {
    const all: T[] = [];
    for (let item = this.take(); item !== undefined; item = this.take()) all.push(item);
    return all;
  }

  #push(priority: Priority, item: T): void {
    this.#ring(priority).push({ item, atMs: this.#clock.nowMs(), order: this.#order++ });
    this.#size++;
  }

  #makeRoomFor(priority: Priority): boolean {
    const least = this.#rings.findLastIndex((ring) => ring.size > 0);
    if (least <= priority) return false;
    const given = this.#ring(least as Priority).pop();
    if (given === undefined) return false;
    this.#size--;
    this.shed++;
    this.#host.displaced(given.item, 'shed');
    return true;
  }

  #ring(priority: Priority): Ring<Waiting<T>> {
    return this.#rings[priority] as Ring<Waiting<T>>;
  }
}
