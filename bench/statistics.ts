/** What many repetitions say: the middle, and the slow end. */

export interface Spread {
  readonly median: number;
  /** What 95 of 100 repetitions stayed within: for a rate, reached. */
  readonly p95: number;
}

/** @param share 0..1; linear between neighbours. @throws RangeError without readings */
export function quantile(readings: readonly number[], share: number): number {
  if (readings.length === 0) throw new RangeError('no readings');
  const sorted = readings.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

/** Durations, in any unit: the slow end is the long one. */
export function spread(durations: readonly number[]): Spread {
  return { median: quantile(durations, 0.5), p95: quantile(durations, 0.95) };
}

/** The same readings as a rate: `amount` things done in each duration of so many milliseconds, per second. */
export function perSecond(durationsMs: readonly number[], amount: number): Spread {
  const { median, p95 } = spread(durationsMs);
  return { median: (1000 * amount) / median, p95: (1000 * amount) / p95 };
}
