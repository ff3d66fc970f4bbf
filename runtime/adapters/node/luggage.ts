/** What a thread knows of its work: it is born with it, or hears it when it is called. */
import { workerData } from 'node:worker_threads';

export interface Luggage {
  readonly name: string;
  readonly data: unknown;
  /** Turns of its event loop, and when the last one was. */
  readonly beat: BigInt64Array;
}

let brought: Luggage | null = null;

/** Of a thread that was begun before its work was known. */
export function bring(luggage: Luggage): void {
  brought = luggage;
}

export const luggage = (): Luggage => brought ?? (workerData as Luggage);
