/** Two bounded queues of one actor: what the system says comes before what users say. */
import type { MailboxOptions } from './behaviour.ts';
import { Ring } from './ring.ts';

/** System messages held at most; beyond it something is badly wrong and they become dead letters. */
const SYSTEM_CAPACITY = 4_096;

export class Mailbox<T extends object> {
  readonly #options: MailboxOptions;
  // Made when first needed: an idle actor should cost next to nothing.
  #system: Ring<T> | null = null;
  #user: Ring<T> | null = null;
  #parked: Ring<T> | null = null;
  #suspended = true;

  /** Begins suspended: what is offered waits until `resume`. */
  constructor(options: MailboxOptions) {
    this.#options = options;
  }

  get depth(): number {
    return (this.#system?.size ?? 0) + (this.#user?.size ?? 0) + (this.#parked?.size ?? 0);
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  /** Is there something to take? */
  get ready(): boolean {
    return !this.#suspended && this.depth > 0;
  }

  /** Queues a user message, or says no because it is full. */
  offer(item: T): boolean {
    this.#user ??= new Ring();
    if (this.#user.size >= this.#options.capacity) return false;
    this.#user.push(item);
    return true;
  }

  /** Like `offer`, but with policy `park` the item waits outside for room, in its turn. */
  offerPatiently(item: T): boolean {
    if (this.offer(item)) return true;
    if (this.#options.whenFull === 'refuse') return false;
    this.#parked ??= new Ring();
    if (this.#parked.size >= this.#options.capacity) return false;
    this.#parked.push(item);
    return true;
  }

  offerSystem(item: T): boolean {
    this.#system ??= new Ring();
    if (this.#system.size >= SYSTEM_CAPACITY) return false;
    this.#system.push(item);
    return true;
  }

  /** Queues beyond the bound: for what the actor itself started and must hear of (timers, jobs). */
  force(item: T): void {
    this.#user ??= new Ring();
    this.#user.push(item);
  }

  takeSystem(): T | undefined {
    return this.#suspended || this.#system === null ? undefined : this.#system.shift();
  }

  takeUser(): T | undefined {
    if (this.#suspended || this.#user === null) return undefined;
    const item = this.#user.shift();
    if (this.#parked !== null && this.#parked.size > 0) this.#letIn(this.#user, this.#parked);
    return item;
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
  }

  /** Empties everything, oldest first, system before user, suspended or not. */
  drain(): T[] {
    const all: T[] = [];
    for (const ring of [this.#system, this.#user, this.#parked]) {
      for (let item = ring?.shift(); item !== undefined; item = ring?.shift()) all.push(item);
    }
    return all;
  }

  #letIn(user: Ring<T>, parked: Ring<T>): void {
    while (user.size < this.#options.capacity) {
      const next = parked.shift();
      if (next === undefined) return;
      user.push(next);
    }
  }
}
