/** Makes a failing run small: leaves out fault after fault for as long as the same invariant still breaks. */
import type { Fault } from './fault.ts';
import type { Happening } from './history.ts';
import type { Scenario } from './scenario.ts';
import { type Outcome, simulate } from './simulate.ts';

export interface ShrinkOptions {
  /** Runs it may cost; default 200. */
  readonly budget?: number;
}

export interface Shrunk<E extends Happening> {
  /** The smallest run found that still breaks the invariant. */
  readonly outcome: Outcome<E>;
  readonly runs: number;
}

/**
 * Delta debugging over the list of faults: halves, then quarters, down to single ones.
 * @param failing an outcome with at least one violation; the first one is what has to stay
 */
export async function shrink<E extends Happening>(
  scenario: Scenario<E>,
  failing: Outcome<E>,
  { budget = 200 }: ShrinkOptions = {},
): Promise<Shrunk<E>> {
  const wanted = failing.violations[0]?.invariant;
  let best = failing;
  let runs = 0;
  const breaks = async (faults: readonly Fault[]): Promise<boolean> => {
    runs++;
    const outcome = await simulate(scenario, { seed: failing.seed, faults });
    if (!outcome.violations.some(({ invariant }) => invariant === wanted)) return false;
    best = outcome;
    return true;
  };
  for (let parts = 1; best.faults.length > 0 && runs < budget; ) {
    const size = Math.ceil(best.faults.length / parts);
    let smaller = false;
    for (let from = 0; from < best.faults.length && runs < budget; ) {
      const rest = [...best.faults.slice(0, from), ...best.faults.slice(from + size)];
      if (await breaks(rest)) smaller = true;
      else from += size;
    }
    if (size === 1 && !smaller) break;
    if (!smaller || size > best.faults.length) parts = Math.min(parts * 2, Math.max(1, best.faults.length));
  }
  return { outcome: best, runs };
}
