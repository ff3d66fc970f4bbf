/** What is written down when an event loop stands still: what, since when, and where it was. */

/** Innermost first. */
export interface StackFrame {
  /** `(anonymous)` when it has no name. */
  readonly function: string;
  readonly url: string;
  /** 1-based. */
  readonly line: number;
}

export interface StallReport {
  readonly what: 'event_loop_blocked';
  readonly pid: number;
  /** UTC milliseconds since 1970: when it was last seen to turn. */
  readonly sinceWallMs: number;
  readonly noticedWallMs: number;
  /** Milliseconds from the last turn to the notice. */
  readonly stalledMs: number;
  readonly limitMs: number;
  /** Empty when the loop was in native code and could not be interrupted. */
  readonly stack: readonly StackFrame[];
  /** The process was ended with this code; null: it was left to go on. */
  readonly exitCode: number | null;
}
