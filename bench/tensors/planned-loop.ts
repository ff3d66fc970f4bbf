/** The same training by one of our plans, with or without something growing. */
import { defaults } from '../../config/defaults.ts';
import type { OptimizerConfig } from '../../contracts/index.ts';
import { EsperError } from '../../contracts/index.ts';
import * as nn from '../../nn/index.ts';
import {
  createNetwork,
  createTfjsPlan,
  type GrowingNetwork,
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
export function plannedLoop(
  runtime: TensorRuntime,
  way: Exclude<Way, { kind: 'loop' }>,
  { model, optimizer: name, growth }: Task,
): () => Promise<number> {
  const { host, rows } = MODELS[model];
  const { inputs, targets } = batchOf(MODELS[model]);
  const optimizer = { ...defaults.training.optimizer, name, rate: RATE, clipNorm: null };
  const spans = growth === 'none' ? [] : (['layer'] as const);
  const network = createNetwork({ runtime, host, spans, optimizer, runSeed: 1 });
  grow(network, growth);
  const plan =
    way.kind === 'reference'
      ? createTfjsPlan({ runtime, network, optimizer })
      : fusedPlan({ runtime, network, optimizer, threads: way.threads, blas: way.blas });
  const rates = { host: RATE, ...(growth === 'none' || growth === 'dormant' ? {} : { [SEED]: RATE }) };
  return async () => (await plan.step(inputs, targets, rows, rates)).loss;
}

type MakePlan = (order: {
  readonly runtime: TensorRuntime;
  readonly network: GrowingNetwork;
  readonly optimizer: OptimizerConfig;
  readonly threads: 1 | 2;
  readonly blas: boolean;
}) => TrainPlan;

function fusedPlan(order: Parameters<MakePlan>[0]): TrainPlan {
  const { createPlan } = nn as { readonly createPlan?: MakePlan };
  if (createPlan === undefined) throw new EsperError('BENCH_OTHER_PLAN', 'there is only the reference plan');
  const plan = createPlan(order);
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
