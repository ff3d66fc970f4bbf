/** A group of actors can go back in time together; these are the words for it. */

export type CheckpointId = string;

/** What a participant promises. All three are synchronous: the group must be one consistent cut. */
export interface RollbackParticipant<S> {
  /** Copies whatever `restore` needs. The copy belongs to the group until `release`. */
  capture(state: S): unknown;
  /** Puts `saved` back, into the live objects or as a new state. May be called again with the same `saved`. */
  restore(state: S, saved: unknown): S;
  /** Lets go of a copy that will never be restored: dispose tensors here. */
  release(saved: unknown): void;
  /** A short text that changes with the copy. With it, a copy that has changed since it was made is never restored. */
  digest?(saved: unknown): string;
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
  /** Messages that members had sent each other and nobody had handled; null when only states were copied. */
  readonly mail: number | null;
  /** Restores that threw, or lives after it that failed before the next capture. Two are its end. */
  readonly failures: number;
  readonly quarantined: boolean;
}

export interface BarrierOptions {
  /** Milliseconds for the handlers under way to end; 1,000 unless said. */
  readonly withinMs?: number;
}

/** The newest few consistent cuts of one group. Going back to one is `cx.rollback`. */
export interface Checkpoints {
  /** Copies every participant now. The oldest copy beyond the ring is released. @throws ROLLBACK_NOT_READY */
  capture(meta?: unknown): CheckpointId;
  /**
   * Copies every participant and what they have sent each other, once no handler is under way: for groups that talk by
   * messages. Takes no message meanwhile. To be waited for from outside or from a job: a member's handler that waits
   * for it, or for another member, would wait for itself. Messages of `system` priority are no part of the copy.
   * @throws ROLLBACK_BARRIER_LATE when the group did not come to rest in time, or went back or restarted meanwhile
   * @throws ROLLBACK_NOT_READY
   */
  barrier(meta?: unknown, options?: BarrierOptions): Promise<CheckpointId>;
  /** Never restores this one again. */
  quarantine(id: CheckpointId): void;
  /** Oldest first. */
  list(): readonly CheckpointEntry[];
}
