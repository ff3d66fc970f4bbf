/** Threads as a port: a second event loop with its own heap, reached by copied values only. */
import type { Failure } from '../../contracts/failure.ts';

/** One end of a channel that copies what passes through it. Nothing is promised about its form. */
export interface Wire {
  /** @throws whatever the platform throws when a value cannot be copied; a closed wire swallows it */
  post(value: unknown): void;
  /** Called for each value in order; once, before anything is posted to this end in the same turn. */
  onReceive(take: (value: unknown) => void): void;
}

export interface ThreadExit {
  /** 0 for a thread that ended by itself and in order. */
  readonly code: number;
  /** The error nobody in the thread caught. */
  readonly failure?: Failure;
}

export interface Thread {
  readonly wire: Wire;
  /** Resolves once and never rejects. */
  readonly exited: Promise<ThreadExit>;
  /** Turns of the thread's watch timer so far. */
  beats(): number;
  /** Milliseconds since its event loop last turned; grows while one step of it does not end. */
  stalledMs(): number;
  /** Ends the thread, even in the middle of an endless loop. Resolves when it is gone. */
  terminate(): Promise<void>;
}

export interface ThreadSpec {
  /** For people: shown in logs and debuggers. */
  readonly name: string;
  /** Module the thread begins with. */
  readonly entry: URL;
  /** Copied into the thread; shared memory stays shared. */
  readonly data: unknown;
}

export interface Threads {
  start(spec: ThreadSpec): Thread;
}

/** What a thread finds when it looks around: who it is and how to reach whoever started it. */
export interface Seat {
  readonly name: string;
  readonly data: unknown;
  readonly wire: Wire;
}
