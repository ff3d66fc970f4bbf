/** A circuit breaker as data: after too many failures in a row it lets nothing through, later one to see. */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number;
  /** Monotonic ms at which it opened; null when it is closed. */
  readonly openedAtMs: number | null;
}

export interface BreakerLimits {
  readonly failures: number;
  readonly openMs: number;
}

export const closed: Breaker = { failures: 0, openedAtMs: null };

/** May one more try go through? After `openMs` it may: what becomes of it decides. */
export const lets = ({ openedAtMs }: Breaker, nowMs: number, { openMs }: BreakerLimits): boolean =>
  openedAtMs === null || nowMs - openedAtMs >= openMs;

/** Opens at the limit; one that was open opens again. */
export function failed({ failures, openedAtMs }: Breaker, nowMs: number, limits: BreakerLimits): Breaker {
  const opens = openedAtMs !== null || failures + 1 >= limits.failures;
  return { failures: failures + 1, openedAtMs: opens ? nowMs : null };
}
