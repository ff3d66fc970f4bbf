/** A message nobody took: what it was, for whom, and why it was not taken. */
import type { Message } from './messages.ts';
import type { TraceContext } from './trace-context.ts';

export type DeadLetterReason =
  | 'gone'
  | 'stopped'
  | 'mailbox_full'
  | 'shed'
  | 'spill_lost'
  | 'not_understood'
  | 'poison'
  | 'stalled'
  | 'not_stored'
  | 'outbox_full'
  | 'unsendable'
  | 'node_down'
  | 'late_reply';

export interface DeadLetter {
  /** 1-based; rises with every dead letter of the system. */
  readonly id: number;
  readonly to: string;
  readonly reason: DeadLetterReason;
  readonly message: Message;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly trace: TraceContext | null;
  /** Path of the sender, when it is known. */
  readonly from: string | null;
}

/** All that is given must hold; an empty filter takes everything. */
export interface DeadLetterFilter {
  readonly ids?: readonly number[];
  readonly to?: string;
  readonly reason?: DeadLetterReason;
  readonly type?: string;
}
