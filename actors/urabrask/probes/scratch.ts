/** A small world to try kernels in: a host, a few rows of every temper, and a seed that can be woken by hand. */
import {
  type Kernel,
  type OptimizerConfig,
  ROW_KINDS,
  type RowKind,
  randomStream,
  type Span,
} from '../../../contracts/index.ts';
import type { ImageStructure } from '../../../nn/image-structure.ts';
import {
  createNetwork,
  createTfjsPlan,
  type GrowingNetwork,
  loadNetwork,
  type NetworkImage,
  type TensorRuntime,
  type TrainPlan,
} from '../../../nn/index.ts';
import { SCRATCH_HOSTS } from './scratch-hosts.ts';

export const SEED = 'probe';
const RUN_SEED = 20_250_113;
const SPANS: readonly Span[] = ['layer', 'residual', 'cascade'];

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
  /** What rows are in the host. */
  readonly rows: RowKind;
}

/** Work on the host alone, which is disposed afterwards, whatever happens. */
export const withBareHost = <T>(
  runtime: TensorRuntime,
  rows: RowKind,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> => {
  const host = SCRATCH_HOSTS[rows];
  const order = { runtime, host, spans: SPANS, optimizer: PLAIN, runSeed: RUN_SEED };
  return within(runtime, createNetwork(order), work);
};

/** The plainest rows on which a kernel could grow in a slot of this span; plain ones when there are none. */
export async function plainestRows(runtime: TensorRuntime, kernel: Kernel, span: Span): Promise<RowKind> {
  for (const rows of ROW_KINDS) {
    const misfit = await withBareHost(runtime, rows, async ({ network }) =>
      network.slots().some(({ slotId }) => slotId === SLOT_OF[span])
        ? network.fits(SLOT_OF[span], kernel)
        : 'no such slot',
    );
    if (misfit === null) return rows;
  }
  return 'vector';
}

/** Work on the host with newborn seeds of this kernel, absent still. @param seedIds each with initial weights of its own */
export const withPlanted = <T>(
  runtime: TensorRuntime,
  { kernel, span, draw, rows }: Planting,
  work: (scratch: Scratch) => Promise<T>,
  seedIds: readonly string[] = [SEED],
): Promise<T> =>
  withBareHost(runtime, rows, (scratch) => {
    for (const seedId of seedIds) scratch.network.plant({ seedId, slotId: SLOT_OF[span], kernel, draw });
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
    if (!isOfSeed(name) || !/\.(w|gamma)$/.test(name) || data.some((value) => value !== 0)) return tensor;
    const scale = 1 / Math.sqrt(shape[0] ?? 1);
    return { name, shape, data: data.map(() => random.normal() * scale) };
  });
  return { structure: image.structure, tensors };
}

/** The same network with a host that never learns: no gradients of it are worked out where only seeds are looked at. */
export function hostAtRest({ structure, tensors }: NetworkImage): NetworkImage {
  const whole = structure as ImageStructure;
  const parameters = whole.parameters.map((block) =>
    whole.seeds.some(({ seedId }) => isOfSeed(block.name, seedId)) ? block : { ...block, trainable: false },
  );
  return { structure: { ...whole, parameters }, tensors };
}

export const isOfSeed = (tensorName: string, seedId = SEED): boolean => tensorName.startsWith(`${seedId}/`);

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
