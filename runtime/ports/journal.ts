/** What happened, in order. The only truth anything restarts from. */

export interface JournalRecord {
  /** 1-based, without gaps. */
  readonly sequence: number;
  /** A small number the owner gives meaning to. */
  readonly kind: number;
  readonly body: Uint8Array;
}

/** A part of a journal. An empty or reversed range is no error: it holds nothing. */
export interface RecordRange {
  /** First sequence, 1 unless said; what was let go is passed over. `mark` is the newest mark, or all when there is none. */
  readonly from?: number | 'mark';
  /** Last sequence, included; the newest acknowledged one unless said. */
  readonly to?: number;
  /** At most so many records. */
  readonly limit?: number;
}

export interface Journal {
  /** Sequence of the newest record, 0 when empty. */
  readonly last: number;
  /**
   * Adds a record and resolves with its sequence when it is on the device. Many at once share one sync.
   * @throws JOURNAL_FAILED after a write or sync failed: acknowledged records are safe, this one may not be, and the journal stays closed
   */
  append(kind: number, body: Uint8Array): Promise<number>;
  /** Records of a range, or from a sequence on, oldest first; only what was acknowledged. */
  read(range?: number | RecordRange): AsyncIterable<JournalRecord>;
  /** Waits for everything appended so far, then lets go of the files. */
  close(): Promise<void>;
}
