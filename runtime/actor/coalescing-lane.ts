/** Of all messages with one key, only the newest waits, and it waits where the oldest did. */
import type { Lane, LaneHost } from './lane.ts';
import { Ring } from './ring.ts';

type Key = string | number;

interface Slot<T> {
  readonly key: Key | undefined;
  item: T;
}

export class CoalescingLane<T> implements Lane<T> {
  readonly shed = 0;
  coalesced = 0;
  readonly #capacity: number;
  readonly #keyOf: (item: T) => Key | undefined;
  readonly #host: LaneHost<T>;
  readonly #slots = new Ring<Slot<T>>();
  readonly #byKey = new Map<Key, Slot<T>>();

  constructor(capacity: number, keyOf: (item: T) => Key | undefined, host: LaneHost<T>) {
    this.#capacity = capacity;
    this.#keyOf = keyOf;
    this.#host = host;
  }

  get size(): number {
    return this.#slots.size;
  }
  get ready(): boolean {
    return this.#slots.size > 0;
  }

  offer(item: T): boolean {
    return this.#put(item, this.#capacity);
  }

  force(item: T): void {
    this.#put(item, Number.POSITIVE_INFINITY);
  }

  take(): T | undefined {
    const slot = this.#slots.shift();
    if (slot?.key !== undefined) this.#byKey.delete(slot.key);
    return slot?.item;
  }

  toArray(): readonly T[] {
    return this.#slots.toArray().map(({ item }) => item);
  }

  drain(): T[] {
    const all: T[] = [];
    for (let item = this.take(); item !== undefined; item = this.take()) all.push(item);
    return all;
  }

  #put(item: T, capacity: number): boolean {
    const key = this.#keyOf(item);
    const waiting = key === undefined ? undefined : this.#byKey.get(key);
    if (waiting !== undefined) {
      const older = waiting.item;
      waiting.item = item;
      this.coalesced++;
      this.#host.displaced(older, 'coalesced');
      return true;
    }
    if (this.#slots.size >= capacity) return false;
    const slot = { key, item };
    this.#slots.push(slot);
    if (key !== undefined) this.#byKey.set(key, slot);
    return true;
  }
}
