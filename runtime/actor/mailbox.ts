/** Two bounded queues of one actor: what the system says comes before what users say. */
import type { Lane } from './lane.ts';
import type { MailboxOptions } from './mailbox-options.ts';
import { Ring } from './ring.ts';

/** System messages held at most; beyond it something is badly wrong and they become dead letters. */
const SYSTEM_CAPACITY = 4_096;

/** Since the actor was made. `sent` is all the others, what waits, and what has been taken out. */
export interface MailCounts {
  /** Offered, whatever became of it. */
  readonly sent: number;
  /** Not taken: there was no room. */
  readonly refused: number;
  /** Replaced by a newer message of the same key. */
  readonly coalesced: number;
  /** Given up to make room for something more urgent, or lost outside. */
  readonly shed: number;
  /** Taken out again to be handled, counted once however often it was handled. */
  readonly taken: number;
}

/** Nothing was ever sent. */
export const NO_MAIL: MailCounts = Object.freeze({ sent: 0, refused: 0, coalesced: 0, shed: 0, taken: 0 });

export class Mailbox<T extends object> {
  readonly #capacity: number;
  readonly #park: boolean;
  /** Instead of the plain ring, when the policy needs more than that. */
  readonly #lane: Lane<T> | null;
  // Made when first needed: an idle actor should cost next to nothing.
  #system: Ring<T> | null = null;
  /** What was put back goes before all users. */
  #front: Ring<T> | null = null;
  #user: Ring<T> | null = null;
  #parked: Ring<T> | null = null;
  #suspended = true;
  #sent = 0;
  #refused = 0;
  /** Entries beyond those sent, and leavings nobody handled: what a group went back on. */
  #adjusted = 0;

  /** Begins suspended: what is offered waits until `resume`. */
  constructor(options: Pick<MailboxOptions<never>, 'capacity' | 'whenFull'>, lane: Lane<T> | null = null) {
    this.#capacity = options.capacity;
    this.#park = options.whenFull === 'park';
    this.#lane = lane;
  }

  get depth(): number {
    const users = this.#lane?.size ?? (this.#user?.size ?? 0) + (this.#parked?.size ?? 0);
    return (this.#system?.size ?? 0) + (this.#front?.size ?? 0) + users;
  }

  get counts(): MailCounts {
    const [coalesced, shed] = [this.#lane?.coalesced ?? 0, this.#lane?.shed ?? 0];
    const [sent, refused] = [this.#sent, this.#refused];
    const taken = sent - refused - coalesced - shed - this.#untaken + this.#adjusted;
    return { sent, refused, coalesced, shed, taken };
  }

  /** Waiting, and never taken out: not what was put back. */
  get #untaken(): number {
    return this.depth - (this.#front?.size ?? 0);
  }

  /** Taken in, and neither waiting nor taken out. */
  get #dropped(): number {
    return (this.#lane?.coalesced ?? 0) + (this.#lane?.shed ?? 0);
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  /** Would a plain user message be taken now? A lane has ways of its own to make room. */
  get roomy(): boolean {
    return this.#lane !== null || (this.#user?.size ?? 0) < this.#capacity;
  }

  /** Is there something to take? */
  get ready(): boolean {
    if (this.#suspended) return false;
    if (this.#lane === null) return this.depth > 0;
    return this.#lane.ready || (this.#system?.size ?? 0) > 0 || (this.#front?.size ?? 0) > 0;
  }

  /** Queues a user message, or says no because it is full. */
  offer(item: T): boolean {
    this.#sent++;
    return this.#admit(item) || this.#refuse();
  }

  /** Like `offer`, but with policy `park` the item waits outside for room, in its turn. */
  offerPatiently(item: T): boolean {
    this.#sent++;
    if (this.#admit(item)) return true;
    if (!this.#park) return this.#refuse();
    this.#parked ??= new Ring();
    if (this.#parked.size >= this.#capacity) return this.#refuse();
    this.#parked.push(item);
    return true;
  }

  offerSystem(item: T): boolean {
    this.#sent++;
    this.#system ??= new Ring();
    if (this.#system.size >= SYSTEM_CAPACITY) return this.#refuse();
    this.#system.push(item);
    return true;
  }

  /** Queues beyond the bound: for what the actor itself started and must hear of (timers, jobs). */
  force(item: T): void {
    this.#sent++;
    this.#push(item);
  }

  /** System first, then what was put back, then users. */
  take(): T | undefined {
    return this.takeSystem() ?? this.takeUser();
  }

  takeSystem(): T | undefined {
    return this.#suspended || this.#system === null ? undefined : this.#system.shift();
  }

  /** The first of what was put back. */
  takeFront(): T | undefined {
    if (this.#suspended || this.#front === null) return undefined;
    const item = this.#front.shift();
    if (this.#front.size === 0) this.#front = null;
    return item;
  }

  takeUser(): T | undefined {
    if (this.#suspended) return undefined;
    if (this.#front !== null) return this.takeFront();
    if (this.#lane !== null) return this.#lane.take();
    if (this.#user === null) return undefined;
    const item = this.#user.shift();
    if (this.#parked !== null && this.#parked.size > 0) this.#letIn(this.#user, this.#parked);
    return item;
  }

  /** Puts items that were taken before all users, the first of them first. */
  putFront(items: readonly T[]): void {
    this.#front ??= new Ring();
    for (const item of items.toReversed()) this.#front.unshift(item);
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
  }

  front(): readonly T[] {
    return this.#front?.toArray() ?? [];
  }

  /** What users sent and was never taken, in the order of its turns. */
  users(): readonly T[] {
    if (this.#lane !== null) return this.#lane.toArray();
    return [...(this.#user?.toArray() ?? []), ...(this.#parked?.toArray() ?? [])];
  }

  /** Replaces all user messages, whatever the bound. What had been put back stays so, if nothing new comes before it. */
  requeue(items: readonly T[]): void {
    const before = this.#untaken + this.#dropped;
    const front = new Set(this.front());
    this.#front = null;
    this.#user = null;
    this.#parked = null;
    this.#lane?.drain();
    let back = 0;
    for (; back < items.length && front.has(items[back] as T); back++);
    if (back > 0) this.putFront(items.slice(0, back));
    for (const item of items.slice(back)) this.#push(item);
    this.#adjusted += this.#untaken + this.#dropped - before;
  }

  /** Empties everything, oldest first, system before user, suspended or not. */
  drain(): T[] {
    const all: T[] = [];
    for (const ring of [this.#system, this.#front, this.#user, this.#parked]) {
      for (let item = ring?.shift(); item !== undefined; item = ring?.shift()) all.push(item);
    }
    this.#front = null;
    return this.#lane === null ? all : [...all, ...this.#lane.drain()];
  }

  #admit(item: T): boolean {
    if (this.#lane !== null) return this.#lane.offer(item);
    this.#user ??= new Ring();
    if (this.#user.size >= this.#capacity) return false;
    this.#user.push(item);
    return true;
  }

  #push(item: T): void {
    if (this.#lane !== null) {
      this.#lane.force(item);
      return;
    }
    this.#user ??= new Ring();
    this.#user.push(item);
  }

  #refuse(): false {
    this.#refused++;
    return false;
  }

  #letIn(user: Ring<T>, parked: Ring<T>): void {
    while (user.size < this.#capacity) {
      const next = parked.shift();
      if (next === undefined) return;
      user.push(next);
    }
  }
}
