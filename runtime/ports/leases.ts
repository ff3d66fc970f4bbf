/** A small store all nodes agree on: keys whose values change by compare-and-set. Leases are built upon it; it expires nothing itself. */

export interface LeaseEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Rises with every write of any key; 1-based. */
  readonly revision: number;
}

/**
 * Every call rejects with LEASES_UNREACHABLE (retryable) when no answer came in time: a write may have happened all the same.
 */
export interface Leases {
  get(key: string): Promise<LeaseEntry | undefined>;
  /**
   * Writes when the key's revision is still `expected`; 0 means that there must be none.
   * Resolves with the new revision, or with undefined when somebody else was faster.
   */
  put(key: string, value: Uint8Array, expected: number): Promise<number | undefined>;
  /** Told of writes to keys that begin with `prefix`: best effort, some may be missed. The answer ends it. */
  watch(prefix: string, tell: (entry: LeaseEntry) => void): () => void;
}
