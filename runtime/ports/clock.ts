/** Time as a port: a simulated day takes a second, and a clock that jumps cannot expire a lease. */
export interface Clock {
  /** Monotonic milliseconds with fractions; only differences mean anything. */
  nowMs(): number;
  /** UTC milliseconds since 1970: for display and file names, never for a decision. */
  wallMs(): number;
  /** Calls `fire` once after `delayMs`. The answer cancels it; cancelling twice is harmless. */
  after(delayMs: number, fire: () => void): () => void;
  /** Lets I/O and other actors run, then calls `fire`: how a long loop stays polite. */
  soon(fire: () => void): void;
}
