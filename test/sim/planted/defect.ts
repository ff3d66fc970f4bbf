/** A deliberate defect, as data: text of one built file and what it is replaced by. The product itself never holds one. */

export interface Defect {
  readonly name: string;
  /** What it would mean for somebody who trusted us. */
  readonly story: string;
  /** Built file, from the root of the build: `runtime/journal/segmented-journal.js`. */
  readonly file: string;
  /** Found in it exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Suites that should notice. */
  readonly suites: readonly string[];
  /** The invariants of which one must break: it is not enough that something goes wrong somewhere. Any, unless said. */
  readonly by?: readonly string[];
}

/** @throws when `find` is not there exactly once */
export function plant(source: string, { name, file, find, replace }: Defect): string {
  const parts = source.split(find);
  const [before, after] = parts;
  if (parts.length !== 2 || before === undefined || after === undefined)
    throw new Error(`${name}: its place is found ${parts.length - 1} times in ${file}, not once`);
  return before + replace + after;
}
