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

/** How many times as fast, or as much: `one` beside `other`, of the same unit and taken in the same run. */
export const ratio = (name: string, one: Figure, other: Figure): Figure =>
  figure(name, 'x', { median: one.median / other.median, p95: one.p95 / other.p95 });

export const figure = (name: string, unit: string, { median, p95 }: Spread): Figure => ({
  name,
  unit,
  median,
  p95,
});
