/** Does it learn? A short training on its own, as a germinated seed has it, then a listen at every block of weights. */
import type { OptimizerConfig } from '../../../contracts/index.ts';
import type { TensorRuntime } from '../../../nn/index.ts';
import type { Readings } from '../readings.ts';
import { normalExamples } from './examples.ts';
import { gradientsOf } from './gradient.ts';
import { hostAtRest, PLAIN, type Planting, planOf, SEED, withPlanted, withRevived } from './scratch.ts';

const STEPS = 40;
const LAST = 10;
const RATES = { host: 0, [SEED]: 0.05 };
type TrainingReadings = Pick<Readings, 'finiteTraining' | 'lossChange' | 'oscillation' | 'smallestGradient'>;

const BROKEN: TrainingReadings = {
  finiteTraining: false,
  lossChange: null,
  oscillation: null,
  smallestGradient: null,
};

/** Clipped, as in any run: what still diverges would diverge there. */
const CLIPPED: OptimizerConfig = { ...PLAIN, clipNorm: 1 };

/** Trains a newborn seed alone on the same rows, from silence. */
export async function probeTraining(runtime: TensorRuntime, planting: Planting): Promise<TrainingReadings> {
  const newborn = await withPlanted(runtime, planting, ({ network }) => network.image());
  return withRevived(runtime, hostAtRest(newborn), async (scratch) => {
    const rows = normalExamples(planting.rows);
    scratch.network.setMode(SEED, 'isolated');
    const plan = planOf(runtime, scratch, CLIPPED);
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const own = (await plan.step(rows.x, rows.y, rows.count, RATES)).seeds[SEED];
      if (!own?.finite || own.loss === null) return BROKEN;
      losses.push(own.loss);
    }
    scratch.network.setMode(SEED, 'live');
    scratch.network.setAlpha(SEED, 1);
    const gradients = await gradientsOf(runtime, scratch, rows);
    if (!gradients) return BROKEN;
    const [first = 0] = losses;
    return {
      finiteTraining: true,
      lossChange: first > 0 ? (losses.at(-1) ?? 0) / first - 1 : 0,
      oscillation: deviation(losses.slice(-LAST)),
      smallestGradient: Math.min(...[...gradients.blocks.values()].map(normOf)),
    };
  });
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
