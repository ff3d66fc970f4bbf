/** A bounded ring with an outside: what does not fit waits there and comes back in order. */
import type { Spill } from '../ports/spill.ts';
import { asError } from './errors.ts';
import type { Lane, LaneHost } from './lane.ts';
import { Ring } from './ring.ts';

/** How items cross to the outside and back. Null: this one has to stay in memory. */
export interface SpillCodec<T> {
  encode(item: T): Uint8Array | null;
  decode(record: Uint8Array): T;
}

/** So many items in a row that are outside. */
interface Run {
  count: number;
}

/** What waits behind the ring, in order: items that stayed in memory, and runs of those that are outside. */
type Behind<T> = { readonly item: T } | Run;

export class SpillingLane<T> implements Lane<T> {
  readonly coalesced = 0;
  /** Lost outside. */
  shed = 0;
  readonly #capacity: number;
  readonly #spill: Spill;
  readonly #codec: SpillCodec<T>;
  readonly #host: LaneHost<T>;
  readonly #ring = new Ring<T>();
  readonly #behind = new Ring<Behind<T>>();
  /** Records outside. */
  #outside = 0;
  /** Behind the ring, and of these in memory. */
  #waiting = 0;
  #held = 0;
  #fetching = false;
  #draining = false;

  constructor(capacity: number, spill: Spill, codec: SpillCodec<T>, host: LaneHost<T>) {
    this.#capacity = capacity;
    this.#spill = spill;
    this.#codec = codec;
    this.#host = host;
  }

  get size(): number {
    return this.#ring.size + this.#waiting;
  }
  get ready(): boolean {
    return this.#ring.size > 0;
  }

  offer(item: T): boolean {
    if (this.#waiting > 0 || this.#ring.size >= this.#capacity) return this.#putBehind(item, this.#capacity);
    this.#ring.push(item);
    return true;
  }

  /** What must be heard, and cannot go outside, stays in memory behind the others. */
  force(item: T): void {
    if (this.#waiting === 0) this.#ring.push(item);
    else if (!this.#putBehind(item, Number.POSITIVE_INFINITY)) this.#hold(item);
  }

  take(): T | undefined {
    const item = this.#ring.shift();
    if (this.#waiting > 0 && !this.#fetching && this.#ring.size * 2 <= this.#capacity) void this.#refill();
    return item;
  }

  toArray(): readonly T[] {
    const held = this.#behind.toArray().flatMap((behind) => ('item' in behind ? [behind.item] : []));
    return [...this.#ring.toArray(), ...held];
  }

  /** What is outside is brought in and handed to the host one by one, so that it is not lost without a word. */
  drain(): T[] {
    const all: T[] = [];
    for (let item = this.#ring.shift(); item !== undefined; item = this.#ring.shift()) all.push(item);
    this.#draining = true;
    if (!this.#fetching) void this.#refill();
    return all;
  }

  #putBehind(item: T, held: number): boolean {
    const record = this.#codec.encode(item);
    if (record === null) return this.#held < held && this.#hold(item);
    if (!this.#spill.push(record)) return false;
    const last = this.#behind.pop();
    if (last !== undefined && 'count' in last) {
      last.count++;
      this.#behind.push(last);
    } else {
      if (last !== undefined) this.#behind.push(last);
      this.#behind.push({ count: 1 });
    }
    this.#outside++;
    this.#waiting++;
    return true;
  }

  #hold(item: T): true {
    this.#behind.push({ item });
    this.#held++;
    this.#waiting++;
    return true;
  }

  /** One at a time, so that order is kept; ends when the ring is full again or nothing is behind it. */
  async #refill(): Promise<void> {
    this.#fetching = true;
    while (this.#waiting > 0 && (this.#draining || this.#ring.size < this.#capacity)) {
      const next = this.#behind.peek() as Behind<T>;
      if ('item' in next) {
        this.#behind.shift();
        this.#held--;
        this.#arrive([next.item]);
      } else await this.#fetch(next);
    }
    this.#fetching = false;
    if (this.#draining) await this.#spill.close();
  }

  async #fetch(run: Run): Promise<void> {
    const room = this.#draining ? run.count : this.#capacity - this.#ring.size;
    try {
      const records = await this.#spill.take(Math.min(run.count, room));
      const items = records.map((record) => this.#codec.decode(record));
      if (items.length === 0) throw new Error('nothing is outside any more');
      this.#forget(items.length);
      this.#arrive(items);
    } catch (thrown) {
      // What is gone may have been in several runs, with items between them that stayed in memory.
      const dropped = this.#outside - this.#spill.count;
      const lost = dropped > 0 ? dropped : run.count;
      this.#forget(lost);
      this.#waiting -= lost;
      this.shed += lost;
      this.#host.lost(lost, asError(thrown));
    }
  }

  /** The oldest records outside are outside no more. */
  #forget(count: number): void {
    this.#outside -= count;
    const kept: Behind<T>[] = [];
    for (let left = count; left > 0; ) {
      const next = this.#behind.shift();
      if (next === undefined) break;
      if ('count' in next) {
        const taken = Math.min(next.count, left);
        next.count -= taken;
        left -= taken;
      }
      if ('item' in next || next.count > 0) kept.push(next);
    }
    for (const behind of kept.toReversed()) this.#behind.unshift(behind);
  }

  #arrive(items: readonly T[]): void {
    this.#waiting -= items.length;
    for (const item of items) {
      if (this.#draining) this.#host.displaced(item, 'stopped');
      else this.#ring.push(item);
    }
    if (!this.#draining) this.#host.arrived();
  }
}
