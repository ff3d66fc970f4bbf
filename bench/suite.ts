/** A suite measures one thing the product promises; its figures carry the names that budgets are kept under. */
import type { Effort } from './sampling.ts';
import type { Spread } from './statistics.ts';

export interface Figure extends Spread {
  /** Inside its suite: `hook-32-seeds`. */
  readonly name: string;
  readonly unit: string;
}

export interface Suite {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  /** Suites of the actor runtime can be asked for together. */
  readonly room?: 'runtime';
  run(effort: Effort): Promise<readonly Figure[]>;
}

export const figure = (name: string, unit: string, { median, p95 }: Spread): Figure => ({
  name,
  unit,
  median,
  p95,
});
