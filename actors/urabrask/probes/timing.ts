/** What does it cost? Training steps with the seed against those of the bare host, on this machine, now. */
import type { TensorRuntime } from '../../../nn/index.ts';
import type { Readings } from '../readings.ts';
import { type Examples, normalExamples } from './examples.ts';
import { type Planting, type Scratch, SEED, withBareHost, withPlanted } from './scratch.ts';

const WARM = 3;
const TIMED = 15;

/** Medians of the two, taken one right after the other so that a busy moment hits both. */
export async function probeTiming(
  runtime: TensorRuntime,
  planting: Planting,
  nowMs: () => number,
): Promise<Pick<Readings, 'stepP50Ms' | 'stepP95Ms' | 'latencyRatio'>> {
  const rows = normalExamples(planting.rows);
  const alone = await withBareHost(runtime, planting.rows, (bare) => stepTimes(bare, rows, nowMs));
  const together = await withPlanted(runtime, planting, (grown) => {
    grown.network.setMode(SEED, 'live');
    grown.network.setAlpha(SEED, 1);
    return stepTimes(grown, rows, nowMs);
  });
  const stepP50Ms = quantile(together, 0.5);
  return {
    stepP50Ms,
    stepP95Ms: quantile(together, 0.95),
    // A clock that does not move during a step says nothing about it.
    latencyRatio: quantile(alone, 0.5) > 0 ? stepP50Ms / quantile(alone, 0.5) : null,
  };
}

async function stepTimes({ plan }: Scratch, rows: Examples, nowMs: () => number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < WARM + TIMED; i++) {
    const from = nowMs();
    await plan.step(rows.x, rows.y, rows.count, { host: 0, [SEED]: 0 });
    if (i >= WARM) times.push(nowMs() - from);
  }
  return times.sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
