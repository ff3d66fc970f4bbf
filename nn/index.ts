/** Networks that grow while they train: tensors, seeds, steps, and nothing about actors. */
export { timeSteps } from './adapters/calibration.ts';
export { describeRuntime, explainChoice, openTensorRuntime } from './adapters/open.ts';
export { demandBlas, openBlas } from './adapters/openblas.ts';
export { createBatchStream } from './batch-stream.ts';
export {
  type BlueprintBudget,
  checkBlueprint,
  DEFAULT_BUDGET,
  kernelParameters,
} from './blueprint-check.ts';
export * from './blueprints/index.ts';
export { createNetwork, type NetworkOrder } from './create-network.ts';
export { createPlan, type PlanOrder } from './create-plan.ts';
export { exportModel, type ModelExport } from './export/export-model.ts';
export type { GraphBranch, GraphLayer, ModelGraph } from './export/graph.ts';
export type { LayersExport } from './export/layers-model.ts';
export type { Blas } from './fused/blas.ts';
export { loadNetwork } from './load-network.ts';
export { predict } from './predict.ts';
export { type RateState, UnifiedLRController } from './rate-controller.ts';
export { gather } from './rows.ts';
export type { TensorRuntime } from './runtime.ts';
export {
  ArenaCopy,
  ArenaReader,
  type ArenaState,
  RUN_READINGS,
  SEED_READINGS,
  StateArena,
} from './state-arena.ts';
export { createTfjsPlan } from './tfjs-plan.ts';
export * from './types.ts';
export { type WrapOrder, wrap } from './wrap/wrap.ts';
