/** Whose hand a message leaves: what goes on the letter without anybody writing it. */
import type { Tracing } from '../ports/tracing.ts';
import type { Letter, Writing } from './letter.ts';
import type { Message } from './messages.ts';
import { classOf, NORMAL } from './priority.ts';
import type { SendOptions } from './ref.ts';

export interface Sender {
  /** Path of the sender when its group can go back in time, else null. */
  readonly from: string | null;
  /** The letter being handled, when it is certain that this is why something is sent now. */
  cause(): Letter | null;
}

/** What must be known of an actor to know why it sends. */
export interface SenderInside {
  readonly path: string;
  /** Its group can go back in time. */
  readonly participates: boolean;
  /** Jobs under way. */
  readonly jobs: number;
  readonly loop: { readonly present: Letter | null; readonly inStep: boolean };
}

export class ActorSender implements Sender {
  readonly #cell: SenderInside;
  readonly #life: { readonly over: boolean };
  readonly #lent: boolean;

  /**
   * @param life once it is over, nothing that is handled now is why it sends
   * @param lent others may hold this ref too: it speaks for its actor only while that actor is in a step of its own
   */
  constructor(cell: SenderInside, life: { readonly over: boolean }, lent: boolean) {
    this.#cell = cell;
    this.#life = life;
    this.#lent = lent;
  }

  get from(): string | null {
    if (!this.#cell.participates || (this.#lent && !this.#cell.loop.inStep)) return null;
    return this.#cell.path;
  }

  /** Once a handler has waited, a job could be the one that sends: then nothing is certain. */
  cause(): Letter | null {
    const { loop } = this.#cell;
    if (this.#life.over) return null;
    if (!loop.inStep && (this.#lent || this.#cell.jobs > 0)) return null;
    return loop.present;
  }
}

/** What goes on the letter around `message`; null when there is nothing to write. */
export function writingOf(
  sender: Sender | null,
  tracing: Tracing | null,
  to: string,
  message: Message,
  options?: SendOptions,
): Writing | null {
  let trace = options?.trace ?? sender?.cause()?.trace ?? null;
  if (tracing !== null) trace = tracing.onSend({ to, type: message.type }, trace);
  const from = sender?.from ?? null;
  const priority = classOf(options?.priority);
  return trace === null && from === null && priority === NORMAL ? null : { priority, trace, from };
}
