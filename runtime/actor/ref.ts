/** A ref is an address one may send to: it names a path and finds whoever lives there when used. */
import type { Refusal } from '../../contracts/failure.ts';
import type { Priority } from './priority.ts';
import type { TraceContext } from './trace-context.ts';

export interface SendOptions {
  /**
   * `system` overtakes everything queued by users. 0 to 4, emergency to background, count in mailboxes that declare priorities;
   * `user` is 2.
   */
  readonly priority?: Priority | 'system' | 'user';
  /** The conversation it belongs to; a ref of `cx` continues the one being handled by itself. */
  readonly trace?: TraceContext;
}

export interface AskOptions {
  /**
   * Milliseconds until the answer is no longer wanted. `inherit`: for as long as whoever asked the message being handled still
   * waits. A ref of `cx` never waits longer than that.
   */
  readonly withinMs: number | 'inherit';
  readonly priority?: Priority | 'user';
  readonly trace?: TraceContext;
}

export interface Ref<in M> {
  readonly path: string;
  /** 1-based; rises with every restart; 0 when nobody lives there. */
  readonly incarnation: number;
  /** Which life of its node it belongs to, 1-based. */
  readonly epoch: number;
  /** Queues and returns at once. False: nobody took it, and a dead letter says why. */
  send(message: M, options?: SendOptions): boolean;
  /**
   * Queues and waits for the reply.
   * @throws ACTOR_REFUSED with the refusal in `details` (a full mailbox refuses with `MAILBOX_FULL`)
   * @throws ACTOR_TIMEOUT after `withinMs`; the reply, should it come, is a dead letter
   * @throws ACTOR_NO_DEADLINE `withinMs` is not finite, or there is nothing to inherit
   * @throws ACTOR_GONE nobody lives there, or it stopped before answering
   * @throws ACTOR_CRASHED the message crashed the actor twice, or the life that should have answered ended
   */
  ask<R = unknown>(message: M, options: AskOptions): Promise<R>;
  /**
   * Handles one message now, in the caller's stack, inside the callee's failure boundary: for co-located actors only.
   * A callee in the middle of another message refuses with `ACTOR_BUSY`.
   * @throws ACTOR_CRASHED after the supervisor has dealt with the crash
   * @throws ACTOR_GONE when it is not ready
   */
  callNow<R = unknown>(message: M): R | Refusal;
}
