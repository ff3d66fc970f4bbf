/** What a cell is made from. */
import type { AnyDefinition } from './behaviour.ts';
import type { Restart } from './messages.ts';
import type { Patience } from './overseer.ts';

/** Kept for every life it will have. Cells that differ in nothing here may share one. */
export interface Terms {
  readonly definition: AnyDefinition;
  readonly restart: Restart;
  readonly patience: Patience;
  /** Milliseconds an asynchronous `fresh` may take. */
  readonly startWithinMs: number;
  readonly register: string | null;
}

export interface CellSeed {
  readonly id: string;
  readonly path: string;
  readonly args: unknown;
  readonly terms: Terms;
  /** Lives that others had at this path before: the first of this one is the next. */
  readonly livesBefore: number;
}
