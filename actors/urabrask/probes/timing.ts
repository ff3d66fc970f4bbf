/** What does it cost? Training steps with the seed against those of the bare host, on this machine, now. */
import type { TensorRuntime } from '../../../nn/index.ts';
import type { Readings } from '../readings.ts';
import { type Examples, normalExamples } from './examples.ts';
import { type Planting, type Scratch, SEED, withBareHost, withPlanted } from './scratch.ts';

const WARM = 2;
const TIMED = 9;

/** Medians of the two, whose steps take turns so that a busy moment hits both. */
export async function probeTiming(
  runtime: TensorRuntime,
  planting: Planting,
  nowMs: () => number,
): Promise<Pick<Readings, 'stepP50Ms' | 'stepP95Ms' | 'latencyRatio'>> {
  const [alone, together] = await withBareHost(runtime, planting.rows, (bare) =>
    withPlanted(runtime, planting, (grown) => {
      grown.network.setMode(SEED, 'live');
      grown.network.setAlpha(SEED, 1);
      return stepTimes([bare, grown], normalExamples(planting.rows), nowMs);
    }),
  );
  const stepP50Ms = quantile(together, 0.5);
  return {
    stepP50Ms,
    stepP95Ms: quantile(together, 0.95),
    // A clock that does not move during a step says nothing about it.
    latencyRatio: quantile(alone, 0.5) > 0 ? stepP50Ms / quantile(alone, 0.5) : null,
  };
}

/** Sorted, for each of the two. */
async function stepTimes(
  scratches: readonly [Scratch, Scratch],
  rows: Examples,
  nowMs: () => number,
): Promise<readonly [readonly number[], readonly number[]]> {
  const times: readonly [number[], number[]] = [[], []];
  for (let i = 0; i < WARM + TIMED; i++) {
    for (const which of [0, 1] as const) {
      const from = nowMs();
      await scratches[which].plan.step(rows.x, rows.y, rows.count, { host: 0, [SEED]: 0 });
      if (i >= WARM) times[which].push(nowMs() - from);
    }
  }
  for (const one of times) one.sort((a, b) => a - b);
  return times;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
