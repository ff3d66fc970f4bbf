/** A message with something written on the outside: made only when there is something to write. */
import type { Refusal } from '../../contracts/failure.ts';
import type { Deadline } from './deadlines.ts';
import type { Message } from './messages.ts';
import { NORMAL, type Priority } from './priority.ts';
import type { TraceContext } from './trace-context.ts';

/** What may be written on the outside. */
export interface Writing {
  readonly priority?: Priority;
  readonly trace?: TraceContext | null;
  /** Path of the sender, when its group can go back in time. */
  readonly from?: string | null;
}

/** What a mailbox holds: a message alone, or in its letter. */
export type Item = Message | Letter;

export class Letter implements Deadline {
  previous: Deadline | null = null;
  next: Deadline | null = null;
  dueTick = 0;
  /** Never seen by handlers; lets both kinds of item be one shape. */
  readonly type: string = 'runtime.letter';
  readonly message: Message;
  readonly priority: Priority;
  readonly trace: TraceContext | null;
  readonly from: string | null;

  constructor(message: Message, writing: Writing | null) {
    this.message = message;
    this.priority = writing?.priority ?? NORMAL;
    this.trace = writing?.trace ?? null;
    this.from = writing?.from ?? null;
  }

  /** Does somebody still wait for an answer? */
  get awaited(): boolean {
    return false;
  }

  // Nobody waits for an answer to a letter alone; an asker does.
  answer(_reply: unknown): void {}
  refuse(_refusal: Refusal): void {}
  fail(_error: Error): void {}
  expire(): void {}
}

/** A message handled in its sender's stack: it never waits in a mailbox. */
export class DirectCall extends Letter {}

export const messageOf = (item: Item): Message => (item instanceof Letter ? item.message : item);
