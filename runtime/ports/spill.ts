/** Where mailboxes put what does not fit into them: bytes in, the same bytes out, in order. */

/** What one actor has outside. It need not survive the process. */
export interface Spill {
  /** Bytes kept. */
  readonly bytes: number;
  /** Records kept. */
  readonly count: number;
  /** Keeps a record; false when it does not fit. Once true, `take` brings it back. */
  push(record: Uint8Array): boolean;
  /**
   * The oldest records, at most `atMost` of them and at least one while there are any. One call at a time.
   * @throws SPILL_UNREADABLE what was kept cannot be read; it is gone, and what came after it goes on
   */
  take(atMost: number): Promise<readonly Uint8Array[]>;
  /** Lets go of everything that is still there. */
  close(): Promise<void>;
}

export interface SpillStore {
  /** @param owner path of the actor; what an earlier process left under this name is dropped */
  open(owner: string, maxBytes: number): Spill;
}
