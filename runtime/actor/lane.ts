/** The user half of a mailbox whose policy needs more than a ring. */

export interface Lane<T> {
  /** All that waits, wherever it is kept. */
  readonly size: number;
  /** Would `take` give something now? */
  readonly ready: boolean;
  /** So many were replaced by a newer one. */
  readonly coalesced: number;
  /** So many were given up for something more urgent, or were lost outside. */
  readonly shed: number;
  /** False: there is no room for this one. */
  offer(item: T): boolean;
  /** Beyond every bound. */
  force(item: T): void;
  take(): T | undefined;
  /** In the order of turns; only what is in memory. */
  toArray(): readonly T[];
  /** Empties it, in the order of turns. */
  drain(): T[];
}

/** Why an item that had been taken in will not be handled. */
export type Displacement = 'coalesced' | 'shed' | 'stopped';

/** Whom a lane works for. */
export interface LaneHost<T> {
  readonly path: string;
  /** `item` was waiting and will never have its turn. */
  displaced(item: T, why: Displacement): void;
  /** Something can be taken that could not be before. */
  arrived(): void;
  /** So many messages that were taken in cannot be brought back. */
  lost(count: number, error: Error): void;
}
