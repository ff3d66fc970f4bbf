/** All that waits for one actor, and in which order it has its turn. */
import type { Refusal } from '../../contracts/failure.ts';
import type { AnyDefinition } from './behaviour.ts';
import { turnAway } from './burial.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { refuse } from './decision.ts';
import { gone } from './errors.ts';
import type { Kernel } from './kernel.ts';
import type { Displacement, LaneHost } from './lane.ts';
import { laneOf } from './lanes.ts';
import { DirectCall, type Item, Letter } from './letter.ts';
import { Mailbox } from './mailbox.ts';
import { ROOMY } from './mailbox-options.ts';
import type { Message } from './messages.ts';

/** Messages put aside at most, unless the definition says otherwise. */
const STASH = 256;

const sentBy = ({ from }: Letter, senders: ReadonlySet<string>) => from !== null && senders.has(from);

/** Stands for a message that was outside and cannot be read back. */
const SPILLED: Message = Object.freeze({ type: 'runtime.spilled' });

/** Whose mail it is. */
export interface InboxHost {
  /** Something may be taken that could not be before. */
  wake(): void;
}

export class Inbox implements LaneHost<Item> {
  readonly path: string;
  readonly mailbox: Mailbox<Item>;
  readonly #kernel: Kernel;
  readonly #host: InboxHost;
  readonly #stashCapacity: number;
  /** Messages that crashed this actor once and wait for a second chance, and the one having it now. */
  #suspects: Set<Item> | null = null;
  #retrying: Item | null = null;
  /** Put aside until `unstashAll`, oldest first. */
  #stash: Item[] | null = null;

  /** @throws MAILBOX_NO_SPILL_STORE */
  constructor(path: string, kernel: Kernel, { mailbox, stash }: AnyDefinition, host: InboxHost) {
    this.path = path;
    this.#kernel = kernel;
    this.#host = host;
    this.#stashCapacity = stash ?? STASH;
    const options = mailbox ?? ROOMY;
    this.mailbox = new Mailbox(options, laneOf(options, kernel, this));
  }

  get depth(): number {
    return this.mailbox.depth + (this.#stash?.length ?? 0);
  }

  /** Is there something to take? What was put aside waits for a word, not for a turn. */
  get ready(): boolean {
    return this.mailbox.ready;
  }

  /** System first, then what was put back, then users. */
  take(): Item | undefined {
    if (this.#retrying !== null) this.#retrying = null;
    const item = this.mailbox.take();
    if (this.#suspects === null || item === undefined) return item;
    if (this.#unsuspect(item)) this.#retrying = item;
    return item;
  }

  /**
   * Puts `item` back in its turn, before what came after it. False when it has had its second chance: it would crash the
   * next life too.
   */
  secondChance(item: Item): boolean {
    if (item === this.#retrying) {
      this.#retrying = null;
      return false;
    }
    this.#suspects ??= new Set();
    this.#suspects.add(item);
    this.mailbox.putFront([item]);
    return true;
  }

  #unsuspect(item: Item): boolean {
    const was = this.#suspects?.delete(item) ?? false;
    if (this.#suspects?.size === 0) this.#suspects = null;
    return was;
  }

  /** Why `item` cannot be put aside, or null. A direct call never can: its caller cannot wait. */
  stashRefusal(item: Item | null): Refusal | null {
    if (item === null || item instanceof DirectCall) return refuse('STASH_NOT_QUEUED', { path: this.path });
    return (this.#stash?.length ?? 0) < this.#stashCapacity
      ? null
      : refuse('STASH_FULL', { path: this.path });
  }

  /** What crashed its actor once is still known for it when it comes back. */
  stash(item: Item): void {
    if (item === this.#retrying) {
      this.#suspects ??= new Set();
      this.#suspects.add(item);
    }
    this.#stash ??= [];
    this.#stash.push(item);
  }

  /** Puts back what was put aside, in order, before everything else. */
  unstashAll(): void {
    if (this.#stash === null) return;
    this.mailbox.putFront(this.#stash);
    this.#stash = null;
    this.#host.wake();
  }

  /** What users sent and nobody has handled, in the order of its turns, what was put aside included. */
  queued(): readonly Item[] {
    return [...(this.#stash ?? []), ...this.mailbox.front(), ...this.mailbox.users()];
  }

  /**
   * Replaces all of `queued`; what has had its first chance does not get it anew. Whoever waits behind an item left out is
   * the caller's to tell.
   */
  requeue(items: readonly Item[]): void {
    const suspects = items.filter((item) => this.#suspects?.has(item));
    this.unstashAll();
    this.#suspects = suspects.length > 0 ? new Set(suspects) : null;
    this.mailbox.requeue(items);
    this.#host.wake();
  }

  /** What waits and was sent by those: copies for which nobody waits any more. */
  mailFrom(senders: ReadonlySet<string>): readonly Letter[] {
    return this.queued().flatMap((item) =>
      item instanceof Letter && sentBy(item, senders) ? [new Letter(item.message, item)] : [],
    );
  }

  /** What those have sent makes way for `letters`; what others have sent keeps its order behind them. */
  remail(senders: ReadonlySet<string>, letters: readonly Letter[]): void {
    const others: Item[] = [];
    for (const item of this.queued()) {
      if (!(item instanceof Letter && sentBy(item, senders))) others.push(item);
      else item.fail(gone(this.path, 'its group went back in time'));
    }
    this.requeue([...letters, ...others]);
  }

  /** Everything still waiting becomes a dead letter; whoever asked is told at once. */
  buryAll(reason: DeadLetterReason): void {
    const items = [...(this.#stash ?? []), ...this.mailbox.drain()];
    this.#stash = null;
    this.#suspects = null;
    for (const item of items) this.bury(item, reason);
  }

  /** Nobody will handle this: count it, and let nobody wait for it. */
  bury(item: Item, reason: DeadLetterReason): false {
    this.#kernel.deadLetters.add(this.path, reason, item);
    if (item instanceof Letter) turnAway(item, reason, this.path);
    return false;
  }

  /** It was begun, and will not be begun again. */
  giveUp(item: Item, reason: DeadLetterReason, error: Error): void {
    this.#kernel.deadLetters.add(this.path, reason, item);
    if (item instanceof Letter) item.fail(error);
  }

  displaced(item: Item, why: Displacement): void {
    this.#kernel.metrics.count('esper_mailbox_displaced_total', 1, { why });
    this.#unsuspect(item);
    if (why !== 'coalesced') this.bury(item, why);
    else if (item instanceof Letter) turnAway(item, why, this.path);
  }

  arrived(): void {
    this.#host.wake();
  }

  lost(count: number, error: Error): void {
    const fields = { actor: this.path, count, error: error.message };
    this.#kernel.log.write('error', 'spilled messages are lost', fields);
    for (let i = 0; i < count; i++) this.#kernel.deadLetters.add(this.path, 'spill_lost', SPILLED);
  }
}
