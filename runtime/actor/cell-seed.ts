/** What a cell is made from, kept for every life it will have. */
import type { AnyDefinition } from './behaviour.ts';
import type { Restart } from './messages.ts';
import type { Patience } from './overseer.ts';

export interface CellSeed {
  readonly id: string;
  readonly path: string;
  readonly definition: AnyDefinition;
  readonly args: unknown;
  readonly restart: Restart;
  readonly patience: Patience;
  /** Milliseconds an asynchronous `fresh` may take. */
  readonly startWithinMs: number;
  readonly register: string | null;
  /** Lives that others had at this path before: the first of this one is the next. */
  readonly livesBefore: number;
}
