/** Does it learn? A short training on its own, as a germinated seed has it, then a listen at every block of weights. */
import type { OptimizerConfig } from '../../../contracts/index.ts';
import { createPlan, type TensorRuntime } from '../../../nn/index.ts';
import type { Readings } from '../readings.ts';
import { type Examples, normalExamples } from './examples.ts';
import { gradientsOf } from './gradient.ts';
import { hostAtRest, PLAIN, type Planting, type Scratch, SEED, withPlanted, withRevived } from './scratch.ts';

const STEPS = 40;
const LAST = 10;
/** Initial weights that are tried: what a seed is called is part of what they are drawn from. */
const SEEDS = [SEED, 'probe-2', 'probe-3'];
const RATES = { host: 0, ...Object.fromEntries(SEEDS.map((seedId) => [seedId, 0.05])) };
type TrainingReadings = Pick<Readings, 'finiteTraining' | 'lossChange' | 'oscillation' | 'smallestGradient'>;

const BROKEN: TrainingReadings = {
  finiteTraining: false,
  lossChange: null,
  oscillation: null,
  smallestGradient: null,
};

/** Clipped, as in any run: what still diverges would diverge there. */
const CLIPPED: OptimizerConfig = { ...PLAIN, clipNorm: 1 };

/** Trains newborn seeds side by side, each alone on the same rows, from silence: readings of every one. */
export async function probeTraining(
  runtime: TensorRuntime,
  planting: Planting,
): Promise<readonly TrainingReadings[]> {
  const newborn = await withPlanted(runtime, planting, ({ network }) => network.image(), SEEDS);
  return withRevived(runtime, hostAtRest(newborn), async (scratch) => {
    const rows = normalExamples(planting.rows);
    for (const seedId of SEEDS) scratch.network.setMode(seedId, 'isolated');
    const courses = await lossesOf(runtime, scratch, rows);
    for (const seedId of SEEDS) scratch.network.setMode(seedId, 'absent');
    const readings: TrainingReadings[] = [];
    for (const [seedId, losses] of courses) {
      readings.push(losses === null ? BROKEN : await readingsOf(runtime, scratch, rows, seedId, losses));
    }
    return readings;
  });
}

/**
 * By the plan that a run would train with: what that has no instructions for, it does on tensors. Null for a seed with
 * a loss or a gradient that was not finite.
 */
async function lossesOf(runtime: TensorRuntime, { network }: Scratch, rows: Examples) {
  const courses = new Map<string, number[] | null>(SEEDS.map((seedId) => [seedId, []]));
  const plan = createPlan({ runtime, network, optimizer: CLIPPED });
  try {
    for (let step = 0; step < STEPS; step++) {
      const { seeds } = await plan.step(rows.x, rows.y, rows.count, RATES);
      for (const [seedId, losses] of courses) {
        const own = seeds[seedId];
        if (own?.finite && own.loss !== null) losses?.push(own.loss);
        else courses.set(seedId, null);
      }
    }
  } finally {
    plan.dispose();
  }
  return courses;
}

async function readingsOf(
  runtime: TensorRuntime,
  scratch: Scratch,
  rows: Examples,
  seedId: string,
  losses: readonly number[],
): Promise<TrainingReadings> {
  scratch.network.setMode(seedId, 'live');
  scratch.network.setAlpha(seedId, 1);
  const gradients = await gradientsOf(runtime, scratch, rows, seedId);
  scratch.network.setMode(seedId, 'absent');
  if (!gradients) return BROKEN;
  const [first = 0] = losses;
  return {
    finiteTraining: true,
    lossChange: first > 0 ? (losses.at(-1) ?? 0) / first - 1 : 0,
    oscillation: deviation(losses.slice(-LAST)),
    smallestGradient: Math.min(...[...gradients.blocks.values()].map(normOf)),
  };
}

const normOf = (block: Float32Array): number =>
  Math.sqrt(block.reduce((sum, value) => sum + value * value, 0));

/** Standard deviation of the changes from one to the next about their mean, relative to the mean of the values. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const changes = values.slice(1).map((value, i) => value - (values[i] ?? value));
  const drift = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const variance = changes.reduce((sum, change) => sum + (change - drift) ** 2, 0) / changes.length;
  return mean === 0 ? 0 : Math.sqrt(variance) / Math.abs(mean);
}
