/** A small world to try kernels in: a host, a few rows of every temper, and a seed that can be woken by hand. */
import {
  type Kernel,
  type OptimizerConfig,
  type RandomStream,
  randomStream,
  type Span,
} from '../../../contracts/index.ts';
import {
  createNetwork,
  createTfjsPlan,
  type GrowingNetwork,
  type HostSpec,
  loadNetwork,
  type NetworkImage,
  type Rows,
  type TensorRuntime,
  type TrainPlan,
} from '../../../nn/index.ts';

export const SEED = 'probe';
const RUN_SEED = 20_250_113;
const SPANS: readonly Span[] = ['layer', 'residual', 'cascade'];

const OUTPUTS = 5;
const HOST: HostSpec = {
  inputs: 8,
  layers: [
    { units: 12, activation: 'tanh' },
    { units: OUTPUTS, activation: 'linear' },
  ],
  loss: 'mse',
  start: 'glorot',
};

const ROWS = 64;
const SLOT_OF: Readonly<Record<Span, string>> = {
  layer: 'h1/layer',
  residual: 'h1/residual',
  cascade: 'out/cascade',
};

/** Plain descent: the step is the gradient times the rate, so the gradient can be read off the weights. */
export const PLAIN: OptimizerConfig = {
  name: 'sgd',
  rate: 1,
  momentum: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: null,
};

/** A network with the plan that runs it. */
export interface Scratch {
  readonly network: GrowingNetwork;
  readonly plan: TrainPlan;
}

/** What to plant, where, and with which initial weights. */
export interface Planting {
  readonly kernel: Kernel;
  readonly span: Span;
  readonly draw: number;
}

/** Work on the host alone, which is disposed afterwards, whatever happens. */
export const withBareHost = <T>(runtime: TensorRuntime, work: (scratch: Scratch) => Promise<T>): Promise<T> =>
  within(
    runtime,
    createNetwork({ runtime, host: HOST, spans: SPANS, optimizer: PLAIN, runSeed: RUN_SEED }),
    work,
  );

/** Work on the host with a newborn seed of this kernel, absent still. */
export const withPlanted = <T>(
  runtime: TensorRuntime,
  { kernel, span, draw }: Planting,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> =>
  withBareHost(runtime, (scratch) => {
    scratch.network.plant({ seedId: SEED, slotId: SLOT_OF[span], kernel, draw });
    return work(scratch);
  });

/** Work on the network of an image. */
export const withRevived = <T>(
  runtime: TensorRuntime,
  image: NetworkImage,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> => within(runtime, loadNetwork({ runtime, optimizer: PLAIN, runSeed: RUN_SEED }, image), work);

/** An image of the host with a seed that takes part in full and speaks. */
export const awakeImage = (runtime: TensorRuntime, planting: Planting): Promise<NetworkImage> =>
  withPlanted(runtime, planting, async ({ network }) => {
    network.setMode(SEED, 'live');
    network.setAlpha(SEED, 1);
    return awakened(await network.image(), planting.draw);
  });

/** Another way to run the same network; it owns nothing. */
export const planOf = (runtime: TensorRuntime, { network }: Scratch, optimizer: OptimizerConfig): TrainPlan =>
  createTfjsPlan({ runtime, network, optimizer });

/** An image whose seed speaks: blocks that are all zero at birth get small random weights, as training would give them. */
function awakened(image: NetworkImage, draw: number): NetworkImage {
  const random = randomStream(`awake/${draw}`);
  const tensors = image.tensors.map((tensor) => {
    const { name, shape, data } = tensor;
    if (!isOfSeed(name) || !name.endsWith('.w') || data.some((value) => value !== 0)) return tensor;
    const scale = 1 / Math.sqrt(shape[0] ?? 1);
    return { name, shape, data: data.map(() => random.normal() * scale) };
  });
  return { structure: image.structure, tensors };
}

export const isOfSeed = (tensorName: string): boolean => tensorName.startsWith(`${SEED}/`);

/** Inputs, and targets that a small teacher made of them. */
export interface Examples extends Rows {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Rows with deviation 1 and targets that depend on them; always the same. */
export function normalExamples(): Examples {
  const random = randomStream('normal rows');
  return examples(() => random.normal(), teacher(random));
}

/** Rows whose targets are zero, so that the loss is the mean square of the output. */
export const examplesOf = (temper: 'normal' | 'large' | 'zero' | 'adversarial'): Examples => {
  const random = randomStream(`${temper} rows`);
  const draw: Readonly<Record<typeof temper, (i: number) => number>> = {
    normal: () => random.normal(),
    large: () => 1e3 * random.normal(),
    zero: () => 0,
    // Spikes among silence, opposite extremes side by side, and numbers at the edge of float32.
    adversarial: (i) => [1e4, -1e4, 1e-38, 0, i % 2 === 0 ? 1e3 : -1e3][random.below(5)] ?? 0,
  };
  return examples(draw[temper], () => 0);
};

function examples(
  draw: (i: number) => number,
  target: (row: Float32Array, output: number) => number,
): Examples {
  const outputs = OUTPUTS;
  const x = Float32Array.from({ length: ROWS * HOST.inputs }, (_, i) => draw(i));
  const rowOf = (row: number) => x.subarray(row * HOST.inputs, (row + 1) * HOST.inputs);
  const y = Float32Array.from({ length: ROWS * outputs }, (_, i) =>
    target(rowOf(Math.floor(i / outputs)), i % outputs),
  );
  const fill = (source: Float32Array, width: number) => (indices: ArrayLike<number>, out: Float32Array) => {
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i] ?? 0;
      out.set(source.subarray(row * width, (row + 1) * width), i * width);
    }
  };
  const shape = { count: ROWS, inputs: HOST.inputs, outputs, kind: 'values' as const };
  return { ...shape, x, y, fillInputs: fill(x, HOST.inputs), fillTargets: fill(y, outputs) };
}

/** A function that no host of ours knows yet: sums and products of the inputs. */
function teacher(random: RandomStream) {
  const weights = Float32Array.from({ length: 64 }, () => random.normal());
  return (row: Float32Array, output: number): number => {
    const [a, b] = [0, 1].map((half) =>
      row.reduce((sum, value, i) => sum + value * (weights[(output * 16 + half * 8 + i) % 64] ?? 0), 0),
    );
    return Math.tanh((a ?? 0) / 3) + Math.tanh(((a ?? 0) * (b ?? 0)) / 9);
  };
}

async function within<T>(
  runtime: TensorRuntime,
  network: GrowingNetwork,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const plan = createTfjsPlan({ runtime, network, optimizer: PLAIN });
  try {
    return await work({ network, plan });
  } finally {
    plan.dispose();
    network.dispose();
  }
}
