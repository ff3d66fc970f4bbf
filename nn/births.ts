/** Births of a block's weights in an image: a widened block has few of them, in long runs. */

/** One for all, one for each weight (as images were written once), or runs: a birth, how many have it, the next birth ... */
export type Births = number | readonly number[] | { readonly runs: readonly number[] };

/** Births are replaced, never written to, and the same ones are asked for at every boundary. */
const known = new WeakMap<Int32Array, readonly number[]>();

/** As an image keeps them. */
export function birthsToKeep(births: number | Int32Array): Births {
  if (typeof births === 'number') return births;
  const runs = known.get(births) ?? runsOf(births);
  known.set(births, runs);
  return { runs };
}

function runsOf(births: Int32Array): readonly number[] {
  const runs: number[] = [];
  for (let from = 0, to = 0; from < births.length; from = to) {
    const birth = births[from]!;
    while (to < births.length && births[to] === birth) to++;
    runs.push(birth, to - from);
  }
  return runs;
}

/** The other way. @param births that `areBirths` */
export function birthsKept(births: Births): number | Int32Array {
  if (typeof births === 'number') return births;
  if (!('runs' in births)) return Int32Array.from(births);
  const { runs } = births;
  const all: number[] = [];
  for (let i = 0; i < runs.length; i += 2) for (let n = runs[i + 1]!; n > 0; n--) all.push(runs[i]!);
  return Int32Array.from(all);
}

/** Are these births of `count` weights that have had so many updates? */
export function areBirths(births: unknown, count: number, updates: number): boolean {
  // Who is not yet one update old has no bias correction.
  const born = (at: unknown) => Number.isSafeInteger(at) && (at as number) <= updates;
  if (Array.isArray(births)) return births.length === count && births.every(born);
  if (typeof births !== 'object' || births === null) return born(births);
  const { runs } = births as { readonly runs?: unknown };
  if (!Array.isArray(runs) || runs.length % 2 !== 0) return false;
  const some = (n: unknown) => Number.isSafeInteger(n) && (n as number) > 0;
  if (!runs.every((n, i) => (i % 2 === 0 ? born(n) : some(n)))) return false;
  return runs.reduce((sum: number, n: number, i) => (i % 2 === 0 ? sum : sum + n), 0) === count;
}
