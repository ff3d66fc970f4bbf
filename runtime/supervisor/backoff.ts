/** How long to wait before the next restart: longer each time, and never in step with others. */
import type { Backoff } from './spec.ts';

/**
 * @param attempt restarts within the window so far, this one included; 1-based
 * @param chance uniform in [0, 1): the seeded draw that jitters the delay downwards
 * @returns milliseconds, at most `maxMs`
 */
export function backoffMs(backoff: Backoff | null, attempt: number, chance: number): number {
  if (backoff === null) return 0;
  const { firstMs, maxMs, factor = 2, jitter = 0.5 } = backoff;
  const grown = Math.min(maxMs, firstMs * factor ** (attempt - 1));
  return grown * (1 - jitter * chance);
}
