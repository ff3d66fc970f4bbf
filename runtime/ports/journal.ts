/** What happened, in order. The only truth anything restarts from. */

export interface JournalRecord {
  /** 1-based, without gaps. */
  readonly sequence: number;
  /** A small number the owner gives meaning to. */
  readonly kind: number;
  readonly body: Uint8Array;
}

export interface Journal {
  /** Sequence of the newest record, 0 when empty. */
  readonly last: number;
  /**
   * Adds a record and resolves with its sequence when it is on the device. Many at once share one sync.
   * @throws JOURNAL_FAILED after a write or sync failed: acknowledged records are safe, this one may not be, and the journal stays closed
   */
  append(kind: number, body: Uint8Array): Promise<number>;
  /** Records from `from` (1-based), oldest first; only what was acknowledged. */
  read(from?: number): AsyncIterable<JournalRecord>;
  /** Waits for everything appended so far, then lets go of the files. */
  close(): Promise<void>;
}
