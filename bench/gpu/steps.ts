/** Steps of a few models on a device and on wasm, each on the plan of a run: how long one takes, and that both come to the same loss. */
import { defaults } from '../../config/defaults.ts';
import type { BackendName } from '../../contracts/index.ts';
import {
  createNetwork,
  createPlan,
  type HostSpec,
  openTensorRuntime,
  type TensorRuntime,
  timeSteps,
} from '../../nn/index.ts';

interface Model {
  readonly name: string;
  readonly host: HostSpec;
  readonly batch: number;
}

export interface StepFigure {
  readonly model: string;
  /** What took the device's steps. */
  readonly plan: string;
  readonly wasmPlan: string;
  readonly parameters: number;
  readonly batch: number;
  readonly deviceMs: number;
  readonly wasmMs: number;
  /** Above 1 the device is faster. */
  readonly ratio: number;
  /** Of the losses after three steps. */
  readonly lossApart: number;
}

const mlp = (inputs: number, hidden: readonly number[]): HostSpec => ({
  inputs,
  layers: [
    ...hidden.map((units) => ({ units, activation: 'relu' as const })),
    { units: 10, activation: 'linear' as const },
  ],
  loss: 'softmax_cross_entropy',
  start: 'he',
});

const conv = (units: number) =>
  ({
    op: 'conv',
    units,
    window: { size: [3, 3], stride: [1, 1], padding: 'same' },
    activation: 'relu',
  }) as const;
const pool = { op: 'pool', kind: 'max', window: { size: [2, 2], stride: [2, 2], padding: 'valid' } } as const;
const cnn: HostSpec = {
  ...mlp(784, []),
  inputShape: [28, 28, 1],
  layers: [
    conv(8),
    pool,
    conv(16),
    pool,
    { op: 'reshape', shape: [784] },
    { units: 10, activation: 'linear' },
  ],
};

/** From too small for a GPU to what a GPU is for. */
const MODELS: readonly Model[] = [
  { name: 'S: 64-64-10', host: mlp(64, [64]), batch: 32 },
  { name: 'B: 784-256-128-10', host: mlp(784, [256, 128]), batch: 128 },
  { name: 'C: two convolutions', host: cnn, batch: 64 },
  { name: 'W: 1024-4096-4096-10', host: mlp(1024, [4096, 4096]), batch: 512 },
];

/** @param quick leaves the widest model out */
export async function compareSteps(
  backend: BackendName,
  { quick, nowMs }: { readonly quick: boolean; readonly nowMs: () => number },
): Promise<readonly StepFigure[]> {
  const figures: StepFigure[] = [];
  for (const model of quick ? MODELS.slice(0, 3) : MODELS) {
    const device = await measure(asOnGpu(await openTensorRuntime(backend)), model, nowMs);
    const wasm = await measure(await openTensorRuntime('wasm'), model, nowMs);
    figures.push({
      model: model.name,
      plan: device.plan,
      wasmPlan: wasm.plan,
      parameters: device.parameters,
      batch: model.batch,
      deviceMs: device.ms,
      wasmMs: wasm.ms,
      ratio: wasm.ms / device.ms,
      lossApart: Math.abs(device.loss - wasm.loss),
    });
  }
  return figures;
}

/** Steps as on a GPU, weights staying where they are, even where there is none: it is that path which is to be shown. */
const asOnGpu = (runtime: TensorRuntime): TensorRuntime => ({
  ...runtime,
  capabilities: { ...runtime.capabilities, gpu: true },
});

async function measure(runtime: TensorRuntime, { host, batch }: Model, nowMs: () => number) {
  const { optimizer } = defaults.training;
  const { stepMs: ms } = await timeSteps(runtime, { host, optimizer, batch }, nowMs);
  const network = createNetwork({ runtime, host, spans: [], optimizer, runSeed: 1 });
  const plan = createPlan({ runtime, network, optimizer, threads: 2, nowMs });
  const inputs = Float32Array.from({ length: batch * host.inputs }, (_, i) => Math.sin(i));
  const targets = Float32Array.from({ length: batch * 10 }, (_, i) => (i % 10 === (i / 10) % 7 ? 1 : 0));
  let loss = Number.NaN;
  for (let step = 0; step < 3; step++) {
    loss = (await plan.step(inputs.slice(), targets.slice(), batch, { host: 0.001 })).loss;
  }
  const parameters = network.parameterCount().total;
  plan.dispose();
  network.dispose();
  runtime.dispose();
  return { ms, loss, parameters, plan: plan.name };
}
