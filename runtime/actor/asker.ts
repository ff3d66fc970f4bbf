/** Somebody who waits for a reply: in the mailbox with the message, and on the wheel with its deadline. */
import type { Refusal } from '../../contracts/failure.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Deadline, type Deadlines } from './deadlines.ts';
import { late, refused } from './errors.ts';
import type { Message } from './messages.ts';

/** What a mailbox holds: a message alone, or with its asker around it. */
export type Item = Message | Asker;

export class Asker extends Deadline {
  /** Never seen by handlers; lets both kinds of item be one shape. */
  readonly type = 'runtime.ask';
  readonly message: Message;
  readonly #to: string;
  readonly #withinMs: number;
  readonly #resolve: (reply: unknown) => void;
  readonly #reject: (error: Error) => void;
  readonly #deadlines: Deadlines;
  readonly #deadLetters: DeadLetters;
  #settled = false;

  constructor(
    message: Message,
    to: string,
    withinMs: number,
    resolve: (reply: unknown) => void,
    reject: (error: Error) => void,
    world: { readonly deadlines: Deadlines; readonly deadLetters: DeadLetters },
  ) {
    super();
    this.message = message;
    this.#to = to;
    this.#withinMs = withinMs;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadlines = world.deadlines;
    this.#deadLetters = world.deadLetters;
    this.#deadlines.arm(this, withinMs);
  }

  answer(reply: unknown): void {
    if (this.#settle()) this.#resolve(reply);
  }

  refuse(refusal: Refusal): void {
    this.fail(refused(this.#to, refusal));
  }

  fail(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  expire(): void {
    this.#settled = true;
    this.#reject(late(this.#to, this.#withinMs));
  }

  /** False, and a dead letter, when the asker has stopped waiting. */
  #settle(): boolean {
    if (this.#settled) {
      this.#deadLetters.add(this.#to, 'late_reply', this.message);
      return false;
    }
    this.#settled = true;
    this.#deadlines.disarm(this);
    return true;
  }
}

export const messageOf = (item: Item): Message => (item instanceof Asker ? item.message : item);
