/** Guesses what somebody wanted to type: the nearest known word, when it is near enough to be worth saying. */

/** The known word nearest to `typed`, or null when none is within a third of its letters. */
export function nearest(typed: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let fewest = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const edits = distance(typed.toLowerCase(), word.toLowerCase());
    if (edits < fewest) [best, fewest] = [word, edits];
  }
  return best;
}

/** Letters to add, drop, change or swap with a neighbour (optimal string alignment). */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const drop = (last[column] ?? 0) + 1;
      const add = (current[column - 1] ?? 0) + 1;
      const change = (last[column - 1] ?? 0) + same;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(drop, add, change, swap));
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
