/** The same training by one of our plans, with or without something growing. */
import { defaults } from '../../config/defaults.ts';
import { EsperError } from '../../contracts/index.ts';
import {
  createNetwork,
  createPlan,
  createTfjsPlan,
  demandBlas,
  type GrowingNetwork,
  type PlanOrder,
  type TensorRuntime,
  type TrainPlan,
} from '../../nn/index.ts';
import { certified } from '../rig/catalogue.ts';
import { batchOf, MODELS } from './models.ts';
import type { Growth, Task, Way } from './order.ts';

const RATE = 0.01;
const SEED = 's1';
/** A seed as wide as those of real runs. */
const UNITS = 16;

/** @returns a step that answers its loss. @throws BENCH_OTHER_PLAN when a fused plan was asked for and another came */
export async function plannedLoop(
  runtime: TensorRuntime,
  way: Exclude<Way, { kind: 'loop' }>,
  { model, optimizer: name, growth }: Task,
): Promise<() => Promise<number>> {
  const { host, rows } = MODELS[model];
  const { inputs, targets } = batchOf(MODELS[model]);
  const optimizer = { ...defaults.training.optimizer, name, rate: RATE, clipNorm: null };
  const spans = growth === 'none' ? [] : (['layer'] as const);
  const network = createNetwork({ runtime, host, spans, optimizer, runSeed: 1 });
  grow(network, growth);
  const plan =
    way.kind === 'reference'
      ? createTfjsPlan({ runtime, network, optimizer })
      : await fusedPlan({ runtime, network, optimizer }, way);
  const rates = { host: RATE, ...(growth === 'none' || growth === 'dormant' ? {} : { [SEED]: RATE }) };
  return async () => (await plan.step(inputs, targets, rows, rates)).loss;
}

async function fusedPlan(
  order: Pick<PlanOrder, 'runtime' | 'network' | 'optimizer'>,
  { threads, blas }: Extract<Way, { kind: 'fused' }>,
): Promise<TrainPlan> {
  const library = blas ? await demandBlas({ library: process.env.ESPER_BLAS, threads }) : null;
  const plan = createPlan({ ...order, threads, blas: library });
  if (plan.name.startsWith('fused')) return plan;
  throw new EsperError('BENCH_OTHER_PLAN', `${plan.name} took over`, { plan: plan.name });
}

function grow(network: GrowingNetwork, growth: Growth): void {
  if (growth === 'none' || growth === 'dormant') return;
  const slot = network.slots()[0];
  if (slot === undefined) throw new EsperError('BENCH_NO_SLOT', 'there is no place to grow');
  network.plant({ seedId: SEED, slotId: slot.slotId, kernel: certified(UNITS).kernel, draw: 0 });
  network.setMode(SEED, growth === 'isolated' ? 'isolated' : 'live');
  network.setAlpha(SEED, growth === 'isolated' ? 0 : growth === 'fossil' ? 1 : 0.5);
  if (growth === 'fossil') network.fossilize(SEED);
}
