/** Keeps the newest events of all streams in memory, up to a bound, so that a start seldom reads the journal again. */

/** Events of one stream that one journal record holds. */
export interface StoredBatch {
  /** Of the journal record. */
  readonly sequence: number;
  /** First revision. */
  readonly first: number;
  readonly count: number;
  /** The packed events; null when only the journal has them any more. */
  packed: Uint8Array | null;
}

export class RecentEvents {
  readonly #bytesMax: number;
  /** Oldest first: a set remembers the order, and lets go of any at once. */
  readonly #batches = new Set<StoredBatch>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Oldest ones give way. */
  add(batch: StoredBatch): void {
    this.#batches.add(batch);
    this.#bytes += batch.packed?.length ?? 0;
    for (const oldest of this.#batches) {
      if (this.#bytes <= this.#bytesMax) return;
      this.drop(oldest);
    }
  }

  drop(batch: StoredBatch): void {
    this.#batches.delete(batch);
    this.#bytes -= batch.packed?.length ?? 0;
    batch.packed = null;
  }
}
