/** One row of the fault catalogue: what is done to the cluster, and what must be true of it. */
import type { Ground } from '../ground.ts';
import type { Yard, YardOptions } from '../yard.ts';

export interface RowWorld {
  readonly ground: Ground;
  /** Rounds, outages and times as they belong in a long campaign. */
  readonly long: boolean;
  /** A new cluster; the row's world closes it. */
  open(options?: Partial<Pick<YardOptions, 'via'>>): Promise<Yard>;
  /** A criterion, with what was measured; one that does not hold fails the row. */
  expect(what: string, holds: boolean, measured: string): void;
  /** A time limit. Elsewhere than on a quiet machine (`--lenient`) twice as long is told, and not a failure. */
  within(what: string, ms: number, limitMs: number): void;
  /** A comparison of speeds: told, and a failure only on a quiet machine. */
  speed(what: string, holds: boolean, measured: string): void;
  /** A figure worth telling. */
  say(text: string): void;
}

export interface Row {
  /** Of the catalogue: `F14`. */
  readonly id: string;
  readonly title: string;
  /** Needs roads that can be cut. */
  readonly roads?: boolean;
  play(world: RowWorld): Promise<void>;
}
