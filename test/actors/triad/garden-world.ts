/** A garden on a real network, whose seeds' actors live and die as a test says. */
import { Garden, type GardenState, type SeedActors } from '../../../actors/kasmina/garden.ts';
import type { Moment, Workspace } from '../../../actors/triad.ts';
import { defaults } from '../../../config/defaults.ts';
import type {
  AdaptationDecision,
  CatalogueEntry,
  GrowthConfig,
  SeedStage,
} from '../../../contracts/index.ts';
import { isLegal } from '../../../machines/index.ts';
import {
  bottleneck,
  createNetwork,
  createPlan,
  type PlanOrder,
  StateArena,
  type TensorRuntime,
  type TrainPlan,
  widen,
} from '../../../nn/index.ts';
import { entry, growth } from '../fixtures.ts';

/** One kernel for places in a layer, one for places beside it. */
export const catalogue: readonly CatalogueEntry[] = [widen(2, 'tanh'), bottleneck(2, 'tanh')].map(
  (blueprint, i) => {
    const { kernel, certificate } = entry(blueprint.id, 2);
    const kernelId = `sha256:${String(i + 1).repeat(64)}-fast`;
    return { kernel: { ...kernel, kernelId, blueprint }, certificate: { ...certificate, kernelId } };
  },
);

export function workspaceOf(
  runtime: TensorRuntime,
  rules: Partial<GrowthConfig> = {},
  planOf: (order: PlanOrder) => TrainPlan = createPlan,
): Workspace {
  const optimizer = { ...defaults.training.optimizer, rate: 0.01 };
  const layers = [3, 2].map((units, i) => ({ units, activation: i === 0 ? 'tanh' : 'linear' }) as const);
  const host = { inputs: 2, layers, loss: 'softmax_cross_entropy', start: 'glorot' } as const;
  const network = createNetwork({ runtime, host, spans: ['layer', 'residual'], optimizer, runSeed: 1 });
  const config = { ...defaults, growth: { ...growth, ...rules } };
  return {
    runId: 'run-1',
    config,
    network,
    plan: planOf({ runtime, network, optimizer }),
    arena: new StateArena(network.slots().length * config.growth.placesPerSlot),
    catalogue,
    stepsPerEpoch: 3,
    stepsPerBoundary: 3,
    totalSteps: 300,
  };
}

/** Seeds' actors without a system: they keep to the lifecycle, and a dead one answers nothing. */
export class Actors implements SeedActors {
  readonly stages = new Map<string, SeedStage>();
  readonly dead = new Set<string>();

  start(seedId: string, stage: SeedStage): void {
    this.stages.set(seedId, stage);
  }
  stop(seedId: string): void {
    this.stages.delete(seedId);
    this.dead.delete(seedId);
  }
  break(seedId: string): void {
    this.dead.add(seedId);
  }
  move(seedId: string, to: SeedStage, gate: { readonly passed: boolean } | null) {
    const from = this.stages.get(seedId);
    if (from === undefined || this.dead.has(seedId)) return 'crashed';
    if (!isLegal(from, to) || gate?.passed === false) return 'refused';
    this.stages.set(seedId, to);
    return 'moved';
  }
}

export function gardenOf(work: Workspace, saved?: GardenState) {
  const actors = new Actors();
  return { work, actors, garden: new Garden(work, actors, saved) };
}

/** A regular boundary, three steps from the next. */
export const at = (tick: number, fields: Partial<Moment> = {}): Moment => ({
  boundary: tick,
  tick,
  regular: true,
  epoch: tick,
  step: 3 * tick,
  ...fields,
});

export function decision(
  type: AdaptationDecision['type'],
  seedId: string,
  kernel: CatalogueEntry = catalogue[0] as CatalogueEntry,
): AdaptationDecision {
  const chosen = {
    slotId: 'any',
    blueprintId: kernel.kernel.blueprint.id,
    kernelId: kernel.kernel.kernelId,
    draw: 0,
    score: 1,
    parameters: 10,
    value: 1,
  };
  return {
    decisionId: `${type}-${seedId}`,
    type,
    seedId,
    slotId: null,
    trigger: 'a test',
    reason: 'a test',
    confidence: 1,
    expectedImpact: null,
    chosen: type === 'GERMINATE' ? chosen : null,
    candidates: [],
    cullReason: type === 'CULL' ? 'harmful' : null,
    inputs: {},
  };
}
