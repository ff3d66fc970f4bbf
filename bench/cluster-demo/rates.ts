/** Training speed from progress news: steps per second in windows, and how much they differ by themselves. */

export interface Mark {
  readonly atMs: number;
  readonly step: number;
}

export interface Comparison {
  /** Steps per second, the median of windows. */
  readonly before: number;
  readonly after: number;
  /** Of the second to the first; 0.02 is 2 % slower or faster. */
  readonly change: number;
  /** By how much the two halves of the undisturbed part differ: what nothing at all does to this figure. */
  readonly noise: number;
  readonly windows: readonly [before: number, after: number];
}

const WINDOW_MS = 1_000;

/** Rates of whole windows of a second, oldest first. */
export function ratesOf(marks: readonly Mark[]): readonly number[] {
  const rates: number[] = [];
  let from = marks[0];
  for (const mark of marks) {
    if (from === undefined || mark.atMs - from.atMs < WINDOW_MS) continue;
    rates.push(((mark.step - from.step) / (mark.atMs - from.atMs)) * 1000);
    from = mark;
  }
  return rates;
}

/** @param cutMs where the undisturbed part ends */
export function compare(marks: readonly Mark[], cutMs: number): Comparison {
  const before = ratesOf(marks.filter(({ atMs }) => atMs < cutMs));
  const after = ratesOf(marks.filter(({ atMs }) => atMs >= cutMs));
  const half = Math.floor(before.length / 2);
  const [usual, then] = [median(before), median(after)];
  const noise = Math.abs(median(before.slice(0, half)) - median(before.slice(half))) / usual;
  return {
    before: usual,
    after: then,
    change: then / usual - 1,
    noise,
    windows: [before.length, after.length],
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
