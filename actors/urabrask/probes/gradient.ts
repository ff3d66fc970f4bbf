/** Does the gradient say the truth? Its size, and a comparison with the slope of the loss itself. */
import type { NetworkImage, TensorRuntime } from '../../../nn/index.ts';
import type { Readings } from '../readings.ts';
import { type Examples, normalExamples } from './examples.ts';
import {
  awakeImage,
  isOfSeed,
  PLAIN,
  type Planting,
  planOf,
  type Scratch,
  SEED,
  withRevived,
} from './scratch.ts';

/** Large, so that a small gradient survives the rounding of the weights it is read off. */
const RATE = 64;
/** Step of the finite difference: small against the curvature, large against float32. */
const NUDGE = 1e-2;
const BLOCKS_TRIED = 4;

/** One weight: its block, and its place in it. */
interface Weight {
  readonly name: string;
  readonly at: number;
}

/** Gradients by block of a seed's weights; null when they were not finite. The network's weights move. */
export async function gradientsOf(runtime: TensorRuntime, scratch: Scratch, rows: Examples, seedId = SEED) {
  const before = await scratch.network.image();
  const plan = planOf(runtime, scratch, PLAIN);
  const report = await plan.step(rows.x, rows.y, rows.count, { host: 0, [seedId]: RATE });
  if (!report.finite) return null;
  const after = await scratch.network.image();
  const dataOf = new Map(after.tensors.map(({ name, data }) => [name, data]));
  const blocks = new Map<string, Float32Array>();
  for (const { name, data } of before.tensors) {
    if (!isOfSeed(name, seedId)) continue;
    const moved = dataOf.get(name);
    blocks.set(
      name,
      data.map((value, i) => (value - (moved?.[i] ?? value)) / RATE),
    );
  }
  return { blocks, norm: report.seeds[seedId]?.gradientNorm ?? 0 };
}

/** Size and truth of the gradient of an awake seed, joint with the host. */
export async function probeGradient(
  runtime: TensorRuntime,
  planting: Planting,
): Promise<Pick<Readings, 'gradientNorm' | 'precisionError'>> {
  const rows = normalExamples(planting.rows);
  const image = await awakeImage(runtime, planting);
  const gradients = await withRevived(runtime, image, (scratch) => gradientsOf(runtime, scratch, rows));
  if (!gradients) return { gradientNorm: null, precisionError: null };
  const { blocks, norm } = gradients;
  const errors: number[] = [];
  for (const [name, gradient] of spread([...blocks], BLOCKS_TRIED)) {
    const at = steepest(gradient);
    const slope = await slopeOf(runtime, image, rows, { name, at });
    const expected = gradient[at] ?? 0;
    // Below a thousandth of the whole gradient, float32 losses say nothing about a single weight.
    const scale = Math.max(Math.abs(expected), Math.abs(slope), 1e-3 * norm, 1e-4);
    errors.push(Math.abs(slope - expected) / scale);
  }
  const precisionError = Math.max(0, ...errors);
  return { gradientNorm: norm, precisionError: Number.isFinite(precisionError) ? precisionError : null };
}

/** Central difference of the loss along one weight. */
async function slopeOf(
  runtime: TensorRuntime,
  image: NetworkImage,
  rows: Examples,
  weight: Weight,
): Promise<number> {
  const lossAt = (nudge: number) =>
    withRevived(runtime, nudged(image, weight, nudge), async ({ plan }) => (await plan.evaluate(rows)).loss);
  return ((await lossAt(NUDGE)) - (await lossAt(-NUDGE))) / (2 * NUDGE);
}

function nudged(image: NetworkImage, { name, at }: Weight, by: number): NetworkImage {
  const tensors = image.tensors.map((tensor) =>
    tensor.name === name ? { ...tensor, data: tensor.data.map((v, i) => (i === at ? v + by : v)) } : tensor,
  );
  return { structure: image.structure, tensors };
}

/** Position of the largest magnitude. */
const steepest = (gradient: Float32Array): number =>
  gradient.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradient[best] ?? 0) ? i : best), 0);

/** At most `count` of them, first and last included. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from(
    { length: count },
    (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))],
  ).filter((item): item is T => item !== undefined);
}
