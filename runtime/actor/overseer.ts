/** The two sides of supervision: what a child can be told, and what its overseer must hear. */
import type { Maybe } from '../maybe.ts';
import type { Birth } from './birth.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from './checkpoints.ts';
import type { Letter } from './letter.ts';
import type { Lifecycle, Message, StopReason } from './messages.ts';
import type { TreeNode } from './tree-node.ts';

/** How long stopping may take; null kills at once and asks nobody. */
export type Patience = number | null;

/** Its place in the tree of existence: given back by itself, or with the place of whoever owns it, all at once. */
export type Place = 'released' | 'left_to_owner';

/** Anything supervised: an actor, or a whole tree. */
export interface Child {
  readonly path: string;
  readonly incarnation: number;
  readonly lifecycle: Lifecycle;
  /** Begins a new life. Throws what `fresh` threw; the child is then suspended. A stop that overtakes it ends the wait. */
  start(): Maybe<Birth>;
  /** Ends this life and keeps the place (path, mailbox, refs) for the next. Never throws. */
  retire(reason: StopReason, patience: Patience): Maybe<void>;
  /** Ends it for good: waiting messages become dead letters. Never throws. */
  stop(reason: StopReason, patience: Patience, place?: Place): Maybe<void>;
  snapshot(): TreeNode;
}

/** Takes part in a group's rollback: all synchronous. */
export interface GroupMember {
  readonly path: string;
  readonly incarnation: number;
  /** The handler under way that waits for something; null at rest. */
  readonly handling: Promise<void> | null;
  /** Has a state that can be captured and restored. */
  readonly alive: boolean;
  /** Ends jobs and timers; unless it asked for the rollback itself, its present handler no longer counts either. */
  interrupt(handlerToo: boolean): void;
  capture(): unknown;
  restore(saved: unknown): void;
  release(saved: unknown): void;
  /** Undefined when the participant has no digest. */
  digest(saved: unknown): string | undefined;
  /** Takes no message until `letGo`. */
  hold(): void;
  letGo(): void;
  /** What waits here and was sent by those, in the order of its turns. */
  mailFrom(senders: ReadonlySet<string>): readonly Letter[];
  /** What those have sent makes way for `letters`, which come first. Whoever waits for an answer hears that it will not come. */
  remail(senders: ReadonlySet<string>, letters: readonly Letter[]): void;
  /** Queues a system message, if the behaviour declares that it hears it. */
  tellSystem(message: Message): void;
}

export interface Overseer {
  /** The child is suspended. When this returns, all that could be done at once has been done. */
  crashed(child: Child, error: Error): void;
  /** The child ended by itself, without failing; it is suspended. */
  exited(child: Child, reason: StopReason): void;
  /** @throws ROLLBACK_NO_GROUP */
  checkpoints(): Checkpoints;
  /** @throws ROLLBACK_NO_GROUP, ROLLBACK_EXHAUSTED */
  rollback(askedBy: Child, reason: string, details: unknown, before?: CheckpointId): RollbackOutcome;
}
