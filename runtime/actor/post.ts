/** What has come for one actor, and whether any of it may be taken out now. */
import { Asker } from './asker.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import type { Inbox } from './inbox.ts';
import type { Item } from './letter.ts';
import { type MailCounts, NO_MAIL } from './mailbox.ts';

/** The inbox is made when the first message comes: an idle actor should cost next to nothing. */
export abstract class Post {
  #inbox: Inbox | null = null;
  /** What comes waits until `resume`. */
  #suspended = true;

  /** Sees to it that what can be taken is taken in its turn. */
  protected abstract enlist(): void;
  protected abstract makeInbox(): Inbox;

  get inbox(): Inbox {
    return this.#inbox ?? this.open();
  }
  get depth(): number {
    return this.#inbox?.depth ?? 0;
  }
  get roomy(): boolean {
    return this.#inbox?.mailbox.roomy ?? true;
  }
  get counts(): MailCounts {
    return this.#inbox?.mailbox.counts ?? NO_MAIL;
  }
  /** Is there something to take? */
  get ready(): boolean {
    return this.#inbox?.ready ?? false;
  }

  deliver(item: Item, system: boolean): boolean {
    const { mailbox } = this.#inbox ?? this.open();
    const taken = system
      ? mailbox.offerSystem(item)
      : item instanceof Asker
        ? mailbox.offerPatiently(item)
        : mailbox.offer(item);
    if (!taken) return this.inbox.bury(item, 'mailbox_full');
    this.enlist();
    return true;
  }

  /** Queues beyond the bound: an actor always hears of what it started itself. */
  tellSelf(item: Item): void {
    this.inbox.mailbox.force(item);
    this.enlist();
  }

  take(): Item | undefined {
    return this.#inbox?.take();
  }

  suspend(): void {
    this.#suspended = true;
    this.#inbox?.mailbox.suspend();
  }

  resume(): void {
    this.#suspended = false;
    this.#inbox?.mailbox.resume();
  }

  unstashAll(): void {
    this.#inbox?.unstashAll();
  }

  /** Everything still waiting becomes a dead letter. */
  buryAll(reason: DeadLetterReason): void {
    this.#inbox?.buryAll(reason);
  }

  /** @throws MAILBOX_NO_SPILL_STORE */
  protected open(): Inbox {
    const inbox = this.makeInbox();
    if (!this.#suspended) inbox.mailbox.resume();
    this.#inbox = inbox;
    return inbox;
  }
}
