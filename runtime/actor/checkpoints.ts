/** A group of actors that share memory can go back in time together; these are the words for it. */

export type CheckpointId = string;

/** What a participant promises. All three are synchronous: the group must be one consistent cut. */
export interface RollbackParticipant<S> {
  /** Copies whatever `restore` needs. The copy belongs to the group until `release`. */
  capture(state: S): unknown;
  /** Puts `saved` back, into the live objects or as a new state. May be called again with the same `saved`. */
  restore(state: S, saved: unknown): S;
  /** Lets go of a copy that will never be restored: dispose tensors here. */
  release(saved: unknown): void;
}

export interface RollbackOutcome {
  readonly checkpoint: CheckpointId;
  /** What `capture` was told about this checkpoint. */
  readonly meta: unknown;
  /** Milliseconds the whole restore took, failed attempts included. */
  readonly ms: number;
  /** Restores tried until one held, 1-based. */
  readonly attempts: number;
}

export interface CheckpointEntry {
  readonly id: CheckpointId;
  readonly meta: unknown;
  readonly capturedAtMs: number;
  readonly captureMs: number;
  /** Restores that threw, or lives after it that failed before the next capture. Two are its end. */
  readonly failures: number;
  readonly quarantined: boolean;
}

/** The newest few consistent cuts of one group. Going back to one is `cx.rollback`. */
export interface Checkpoints {
  /** Copies every participant now. The oldest copy beyond the ring is released. @throws ROLLBACK_NOT_READY */
  capture(meta?: unknown): CheckpointId;
  /** Never restores this one again. */
  quarantine(id: CheckpointId): void;
  /** Oldest first. */
  list(): readonly CheckpointEntry[];
}
