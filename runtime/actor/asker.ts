/** Somebody who waits for a reply: in the mailbox with the message, and on the wheel with its deadline. */
import type { Refusal } from '../../contracts/failure.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Deadlines } from './deadlines.ts';
import { late, refused } from './errors.ts';
import { Letter, type Writing } from './letter.ts';
import type { Message } from './messages.ts';

export class Asker extends Letter {
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
    writing: Writing | null = null,
  ) {
    super(message, writing);
    this.#to = to;
    this.#withinMs = withinMs;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadlines = world.deadlines;
    this.#deadLetters = world.deadLetters;
    this.#deadlines.arm(this, withinMs);
  }

  override get awaited(): boolean {
    return !this.#settled;
  }

  override answer(reply: unknown): void {
    if (this.#settle()) this.#resolve(reply);
  }

  override refuse(refusal: Refusal): void {
    this.fail(refused(this.#to, refusal));
  }

  override fail(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  override expire(): void {
    this.#settled = true;
    this.#reject(late(this.#to, this.#withinMs));
  }

  /** False, and a dead letter, when the asker has stopped waiting. */
  #settle(): boolean {
    if (this.#settled) {
      this.#deadLetters.add(this.#to, 'late_reply', this);
      return false;
    }
    this.#settled = true;
    this.#deadlines.disarm(this);
    return true;
  }
}
