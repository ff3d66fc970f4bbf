/** Small hosts, tables and kernels that the tests of this room share. */
import type { Activation, BlueprintIR, Kernel, OptimizerConfig, Span } from '../../contracts/index.ts';
import { outputOf, runLive } from '../../nn/forward.ts';
import {
  bottleneck,
  cascade,
  createNetwork,
  createPlan,
  createTfjsPlan,
  type GrowingNetwork,
  gated,
  gaussian,
  type HostSpec,
  type Rates,
  type Rows,
  type TensorRuntime,
  type TrainPlan,
  widen,
} from '../../nn/index.ts';
import { HostNetwork } from '../../nn/network.ts';
import { scoped } from '../../nn/scoped.ts';
import { Tape } from '../../nn/tape/tape.ts';
import { lookingView } from '../../nn/views.ts';

export const adam: OptimizerConfig = {
  name: 'adam',
  rate: 0.01,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: null,
};
export const sgd: OptimizerConfig = { ...adam, name: 'sgd' };

export const kernelOf = (blueprint: BlueprintIR): Kernel => ({
  kernelId: `sha256:${'0'.repeat(64)}-fast`,
  blueprint,
  pipeline: 'fast',
  compileMs: 0,
  referenceParameters: 0,
});

/** One seed of every family, each where it fits. */
export const families: ReadonlyArray<readonly [slotId: string, blueprint: BlueprintIR]> = [
  ['h1/layer', widen(3, 'tanh')],
  ['h2/residual', bottleneck(2, 'tanh')],
  ['h1/layer', gated(2, 'tanh')],
  ['h2/layer', gaussian(2)],
  ['out/cascade', cascade(1, 'tanh')],
];

export const hostOf = (
  layers: readonly number[] = [4, 3, 1],
  activation: Activation = 'tanh',
  loss: HostSpec['loss'] = 'mse',
): HostSpec => ({
  inputs: 2,
  layers: layers.map((units, i) => ({
    units,
    activation: i < layers.length - 1 ? activation : loss === 'mse' ? 'tanh' : 'linear',
  })),
  loss,
  start: activation === 'relu' ? 'he' : 'wide',
});

/** A table held in memory; targets are rows of `outputs` numbers. */
export function tableOf(inputs: readonly number[][], targets: readonly number[][], kind: Rows['kind']): Rows {
  const fill = (source: readonly number[][]) => (indices: ArrayLike<number>, out: Float32Array) =>
    Array.from(indices).forEach((index, i) => {
      out.set(source[index]!, i * source[index]!.length);
    });
  return {
    count: inputs.length,
    inputs: inputs[0]!.length,
    outputs: targets[0]!.length,
    kind,
    fillInputs: fill(inputs),
    fillTargets: fill(targets),
  };
}

const grid = Array.from({ length: 24 }, (_, i) => [((i % 6) - 2.5) / 2.5, (Math.floor(i / 6) - 1.5) / 1.5]);
/** 24 points in the square; the target is the sign of x * y, as in exclusive or. */
export const xor = tableOf(
  grid,
  grid.map(([x, y]) => [Math.sign(x! * y!)]),
  'values',
);
export const xorInputs = Float32Array.from(grid.flat());
export const xorTargets = Float32Array.from(grid.map(([x, y]) => Math.sign(x! * y!)));

/** Where tensors live, and which plan trains. Every promise of a plan is kept by both. */
export const engines = [
  { backend: 'wasm', fused: false },
  { backend: 'cpu', fused: false },
  { backend: 'wasm', fused: true },
  { backend: 'cpu', fused: true },
] as const;

export interface World {
  readonly network: GrowingNetwork;
  readonly plan: TrainPlan;
  /** Full-batch steps on the exclusive-or table. */
  train(steps: number, rates?: Rates): Promise<Awaited<ReturnType<TrainPlan['step']>>>;
  plant(seedId: string, slotId: string, blueprint: BlueprintIR): void;
  dispose(): void;
}

export function worldOf(
  runtime: TensorRuntime,
  {
    host = hostOf(),
    spans = ['layer', 'residual', 'cascade'],
    optimizer = adam,
    runSeed = 7,
    fused = false,
    network = createNetwork({ runtime, host, spans, optimizer, runSeed }),
  }: {
    host?: HostSpec;
    spans?: readonly Span[];
    optimizer?: OptimizerConfig;
    runSeed?: number;
    fused?: boolean;
    network?: GrowingNetwork;
  } = {},
): World {
  const plan = (fused ? createPlan : createTfjsPlan)({ runtime, network, optimizer });
  const everybody = (): Rates =>
    Object.fromEntries(
      ['host', ...network.seeds().map(({ seedId }) => seedId)].map((id) => [id, optimizer.rate]),
    );
  return {
    network,
    plan,
    async train(steps, rates) {
      let report = await plan.step(xorInputs, xorTargets, 24, rates ?? everybody());
      for (let i = 1; i < steps; i++)
        report = await plan.step(xorInputs, xorTargets, 24, rates ?? everybody());
      return report;
    },
    plant: (seedId, slotId, blueprint) =>
      network.plant({ seedId, slotId, kernel: kernelOf(blueprint), draw: 0 }),
    dispose() {
      plan.dispose();
      network.dispose();
    },
  };
}

/** Live outputs on the exclusive-or inputs, copied. */
export function outputsOf(network: GrowingNetwork): Float32Array {
  if (!(network instanceof HostNetwork)) throw new Error('not one of ours');
  const { runtime } = network;
  return scoped(() => {
    const tape = new Tape({ runtime, rows: 24, step: null });
    const x = tape.input(xorInputs.slice(), [2]);
    const pass = runLive(network, tape, lookingView(new Set(), new Set()), x);
    return runtime.peek(outputOf(pass).tensor).slice();
  });
}

/** Tensors of an image by name. */
export async function weightsOf(network: GrowingNetwork): Promise<ReadonlyMap<string, Float32Array>> {
  const { tensors } = await network.image();
  return new Map(tensors.map(({ name, data }) => [name, data]));
}

export const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), a.length === b.length ? 0 : Infinity);
