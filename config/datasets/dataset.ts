/** What a run learns from: three tables, and words about them. */

import type { Rows } from '../../nn/types.ts';
import type { Disk } from '../../runtime/ports/disk.ts';

export interface Dataset {
  readonly train: Rows;
  /** Growth decides by these rows; they are the training rows only when the configuration says so. */
  readonly validation: Rows;
  /** Judged once, at the end. Never looked at by anything that decides. */
  readonly test: Rows;
  /** What a row is, where it is not just numbers: `[height, width, channels]` of an image. */
  readonly inputShape?: readonly number[];
  /** Names by label, where the data has names. */
  readonly classes?: readonly string[];
  /** One line for people: what, from where, how many rows. */
  readonly description: string;
}

export interface DatasetEnv {
  readonly disk: Disk;
  /** Folders to look in after the task's own, in order: `--data-dir` or ESPER_DATA_DIR, then the cache. */
  readonly dataDirs: readonly string[];
  /** Seed of the run; generators and random splits follow it unless the task's options name another. */
  readonly seed: number;
}
