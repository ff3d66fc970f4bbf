/** Where durable actors keep what happened to them: events, snapshots and plain states, each under an id. */
import type { Refusal } from '../../contracts/failure.ts';

export interface StoredEvent {
  /** 1-based, without gaps within one id. */
  readonly revision: number;
  /** Copy it to keep it for long: it may share memory with others. */
  readonly bytes: Uint8Array;
}

/** Bounds include themselves. */
export interface EventRange {
  /** Default 1. */
  readonly from?: number;
  /** Default: the newest. */
  readonly to?: number;
  /** Events at most; 0 for none. */
  readonly limit?: number;
}

export interface Snapshot {
  /** Of the newest event it contains. */
  readonly revision: number;
  /** UTC milliseconds when it was taken. */
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** Bounds include themselves; what is left out matches everything. */
export interface SnapshotCriteria {
  readonly minRevision?: number;
  readonly maxRevision?: number;
  readonly minAtMs?: number;
  readonly maxAtMs?: number;
}

export interface FoundSnapshot {
  readonly snapshot: Snapshot | undefined;
  /** Newer ones that matched but are not what was written. */
  readonly damaged: number;
}

export interface SnapshotStore {
  /** On the device when it resolves. The same revision again replaces the one before. */
  save(id: string, snapshot: Snapshot): Promise<void>;
  /** The newest sound one that matches. */
  newest(id: string, criteria?: SnapshotCriteria): Promise<FoundSnapshot>;
  /** Revisions of all there are, oldest first, sound or not. */
  list(id: string): Promise<readonly number[]>;
  /** One that does not exist is deleted already. */
  delete(id: string, revision: number): Promise<void>;
  /** A damaged one has no time: only criteria without one match it. */
  deleteMatching(id: string, criteria: SnapshotCriteria): Promise<void>;
}

export interface StoredState {
  /** 1-based; rises with every change, deletions included. */
  readonly revision: number;
  readonly bytes: Uint8Array;
}

/** States without a history: the newest one is all there is. */
export interface StateStore {
  /** Waits for changes under way. Nothing when it was deleted or never there. */
  get(id: string): Promise<StoredState | undefined>;
  /** Answers with the new revision, or refuses EVENTS_STALE unless `expected` is the newest one (0: never there). */
  upsert(id: string, bytes: Uint8Array, options: { readonly expected: number }): Promise<number | Refusal>;
  /** Counts as a change: answers and refuses like `upsert`. */
  delete(id: string, options: { readonly expected: number }): Promise<number | Refusal>;
}

export interface EventStore {
  readonly snapshots: SnapshotStore;
  readonly states: StateStore;
  /**
   * All of them on the device, or none. Answers with the newest revision; refuses EVENTS_STALE unless `expected` is
   * the newest before: of several writers to one id, exactly one wins.
   * @throws EVENTS_BAD_ID, EVENTS_TOO_LARGE; JOURNAL_FAILED and its kin when it is not known whether they are kept
   */
  append(
    id: string,
    events: readonly Uint8Array[],
    options: { readonly expected: number },
  ): Promise<number | Refusal>;
  /** Oldest first. Begins when every append asked for before has been decided. */
  read(id: string, range?: EventRange): AsyncIterable<StoredEvent>;
  /** The newest revision ever, whatever was deleted since; 0 for none. Waits for appends under way. */
  highest(id: string): Promise<number>;
  /** Lets go of events up to `revision`; of none when it is 0, of all when it is beyond the newest. */
  deleteTo(id: string, revision: number): Promise<void>;
  /** Waits for what is under way, then lets go of the files. */
  close(): Promise<void>;
}
