/** How long to wait before the next restart: longer each time, and never in step with others. */
import type { Backoff } from './spec.ts';

/**
 * Decorrelated jitter: each pause is drawn between the least one and a few times the one before.
 * @param previousMs the pause before; 0 when the first restart in a while is due
 * @param chance uniform in [0, 1): the seeded draw that shortens the pause
 * @returns milliseconds, from `firstMs` to `maxMs`; 0 without a back-off
 */
export function backoffMs(backoff: Backoff | null, previousMs: number, chance: number): number {
  if (backoff === null) return 0;
  const { firstMs, maxMs, factor = 3, jitter = 1 } = backoff;
  const longest = (before: number) => Math.min(maxMs, before * factor);
  const steady = previousMs === 0 ? firstMs : longest(previousMs);
  const drawn = firstMs + chance * (longest(Math.max(previousMs, firstMs)) - firstMs);
  return steady + jitter * (drawn - steady);
}
