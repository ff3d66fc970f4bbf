/** An actor's definition: how it starts, how it decides, how it changes, how it ends. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { PoolHandle, SupervisorHandle } from '../supervisor/handle.ts';
import type { Backoff, Shutdown } from '../supervisor/spec.ts';
import type { Fresh } from './birth.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome, RollbackParticipant } from './checkpoints.ts';
import type { Decision } from './decision.ts';
import type { Durable, Recovery } from './durability.ts';
import type { MailboxOptions } from './mailbox-options.ts';
import type { Exit, Message, Restart, StopReason } from './messages.ts';
import type { Ref } from './ref.ts';
import type { TraceContext } from './trace-context.ts';

/** How to handle each message type. A missing handler does not compile. */
export type Decide<S, M extends Message, E> = {
  readonly [T in M['type']]: (
    state: S,
    message: Extract<M, { type: T }>,
    cx: Cx<M>,
  ) => Decision<E> | Promise<Decision<E>>;
};

export interface ActorDefinition<S, M extends Message, E = never, A = void> {
  readonly name: string;
  /** Default 256, refuse. */
  readonly mailbox?: MailboxOptions<M>;
  /** Messages `cx.stash` may put aside, default 256. */
  readonly stash?: number;
  /** Milliseconds a handler may take; one that takes longer has crashed with ACTOR_STALLED. Default: as long as it likes. */
  readonly handleWithinMs?: number;
  /** A light cell owns no comedy actor: for children that come and go by the thousand. */
  readonly light?: boolean;
  /**
   * The state of a new life: at start and at every restart in place. `args` are kept in the child spec.
   * `ignore` leaves the place empty; `started(state, info)` also tells whoever started it by hand.
   */
  fresh(cx: Cx<M>, args: A): Fresh<S> | Promise<Fresh<S>>;
  readonly decide: Decide<S, M, E>;
  /** Takes whatever `decide` has no handler for: only proxies need it. */
  otherwise?(state: S, message: M, cx: Cx<M>): Decision<E> | Promise<Decision<E>>;
  /** The only way state changes, unless the state is a live object that changes itself. */
  evolve?(state: S, event: E): S;
  /** Flush and dispose; also called with the state a crash left behind (`reason.kind` says so). */
  stopped?(state: S, reason: StopReason): void | Promise<void>;
  readonly rollback?: RollbackParticipant<S>;
  /** Keeps the events: a start is the newest snapshot and the events since. Excludes `rollback`. */
  readonly durable?: Durable<S, E>;
  /** A durable state is back; called before the first message. */
  recovered?(state: S, cx: Cx<M>, recovery: Recovery): void;
}

/** Gives a definition its types. */
export function defineActor<S, M extends Message, E = never, A = void>(
  definition: ActorDefinition<S, M, E, A>,
): ActorDefinition<S, M, E, A> {
  return definition;
}

/** A definition whose types were checked where it was made. */
export type AnyDefinition = ActorDefinition<unknown, Message, unknown, unknown>;

/** What an actor may touch. Everything it starts here ends with its life. */
export interface Cx<M> {
  readonly self: Ref<M>;
  readonly path: string;
  /** 1-based; rises with every restart. */
  readonly incarnation: number;
  /** A durable state is being brought back: nothing should reach the outside yet. */
  readonly recovering: boolean;
  /** Monotonic milliseconds. */
  nowMs(): number;
  readonly random: RandomStream;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ids: Ids;
  /** By absolute path, `esper/training/kasmina`; resolved when used. */
  ref<T extends Message>(path: string): Ref<T>;
  /** Sends `message` to itself after `delayMs`. The answer cancels it. */
  after(delayMs: number, message: M): () => void;
  /** Aborted when this life ends, and when its group is rolled back; after that there is a new one. */
  readonly signal: AbortSignal;
  /** Sends `message` to itself once I/O and other actors had their turn: how long work stays polite. */
  soon(message: M): void;
  /** The conversation of the message being handled. Null: none, or a job under way could be what asks. */
  readonly trace: TraceContext | null;
  /** Milliseconds whoever asked the present message still waits, 0 when they gave up; null when nobody does. */
  deadlineMs(): number | null;
  /**
   * Puts the present message aside until `unstashAll`, also through a restart, which puts it back. `return cx.stash()`: nobody
   * is answered yet. Refuses with STASH_FULL, and with STASH_NOT_QUEUED in a direct call.
   */
  stash(): Decision;
  /** Puts back what was put aside, in order, before everything else users sent. */
  unstashAll(): void;
  /** Says that work has got further: whoever watches can tell long from stuck. */
  progress(by?: number): void;
  /** Long work that ends as exactly one message to itself. A throw crashes the actor; stop and restart abort it. */
  job(name: string, run: (signal: AbortSignal) => Promise<M>): void;
  /** One `runtime.down` message when the target's present incarnation ends; at once if it already has. */
  watch(target: Ref<never>): void;
  /** This actor's own children on demand. Options count at the first call only. */
  children(options?: DynamicOptions): DynamicSupervisor;
  /** The checkpoints of the group this actor's supervisor keeps. @throws ROLLBACK_NO_GROUP */
  checkpoints(): Checkpoints;
  /**
   * Takes the whole group back to its newest good checkpoint (older than `before`), now. The handler that asks goes on;
   * those of the others no longer count. All who declare it hear `runtime.rolled_back`.
   * @throws ROLLBACK_NO_GROUP, ROLLBACK_EXHAUSTED
   */
  rollback(reason: string, details?: unknown, before?: CheckpointId): RollbackOutcome;
  /** Reports its own failure from outside a handler: a crash like any other. */
  fail(error: Error): void;
  /**
   * Ends this life after the present message, `normal` unless said; `transient` and `temporary` children are not
   * restarted then.
   */
  stop(reason?: Exit): void;
  /** The supervisor at an absolute path, to ask and to tell; found when used. */
  supervisor(path: string): SupervisorHandle;
  /** The pool at an absolute path; found when used. */
  pool(path: string): PoolHandle;
}

export interface DynamicOptions {
  /** Restarts a child may have within the window, default 3. */
  readonly intensity?: number;
  /** The window in milliseconds, default 60,000. */
  readonly periodMs?: number;
  /** Children alive at most, those being restarted included; default 100,000. */
  readonly maxChildren?: number;
  /** How long each may take to stop, 5,000 ms unless said; never longer than their parent. */
  readonly shutdown?: Shutdown;
  /** Pauses before restarts; none without it, except for what the budget of the node asks for. */
  readonly backoff?: Backoff;
  /** A child used up its restarts and is gone. Without it the parent only logs. A throw crashes the parent. */
  readonly onGiveUp?: (id: string, error: Error) => void;
}

export interface DynamicChild<A> {
  readonly id: string;
  readonly args: A;
  /** Default permanent. */
  readonly restart?: Restart;
  /** Default: that of all children of this parent. */
  readonly shutdown?: Shutdown;
}

/** Children on demand, like OTP's `simple_one_for_one`: one template each, started and stopped by id. */
export interface DynamicSupervisor {
  /**
   * Starts a light cell now. A durable one reads its events first, and its messages wait for it. One whose `fresh` answers
   * `ignore` is gone at once.
   * @throws DYNAMIC_NOT_LIGHT, DYNAMIC_FRESH_ASYNC, DYNAMIC_ID_TAKEN, DYNAMIC_FULL, or what `fresh` threw
   */
  start<S, M extends Message, E, A>(
    definition: ActorDefinition<S, M, E, A>,
    options: DynamicChild<A>,
  ): Ref<M>;
  /** Ends a child; unknown ids are already gone. */
  stop(id: string, reason?: string): void;
  ref<M extends Message = Message>(id: string): Ref<M> | undefined;
  /** In start order. */
  ids(): readonly string[];
}
