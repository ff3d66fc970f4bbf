/** When a step on a device is not finite: which seeds made it so. */
import * as tf from '../adapters/tensorflow.ts';
import { runLive } from '../forward.ts';
import { sourceOf } from '../guilty.ts';
import type { HostNetwork } from '../network.ts';
import { scoped } from '../scoped.ts';
import { inputShapeOf } from '../slots.ts';
import { Tape } from '../tape/tape.ts';
import type { Batch } from '../training-step.ts';
import { trainingView } from '../views.ts';
import { sumOf } from './sums.ts';

/**
 * Runs the batch once more and asks, for each live seed, whether what it read was sound and what it made of it was not.
 * When no seed is guilty by that, those with a gradient that is not finite are named.
 */
export async function guiltyOnDevice(
  network: HostNetwork,
  { inputs, rows }: Batch,
  squares: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string>> {
  const { runtime, state, spec } = network;
  const seedIds: string[] = [];
  const figures = scoped(() => {
    const tape = new Tape({ runtime, rows, step: state.steps });
    const pass = runLive(network, tape, trainingView, tape.input(inputs, inputShapeOf(spec)));
    const pairs = [...pass.contributions].flatMap(([seedId, output]) => {
      const seed = state.seeds.get(seedId)!;
      const weights = [...seed.body.parameters.values()].map(({ value }) => value);
      seedIds.push(seedId);
      return [total([sourceOf(pass, seed).tensor]), total([output.tensor, ...weights])];
    });
    return pairs.length === 0 ? null : tf.keep(tf.stack(pairs));
  });
  if (figures === null) return new Set();
  const packed = await runtime.readPacked([figures]);
  figures.dispose();
  const sound = (i: number) => Number.isFinite(packed[i]);
  const guilty = seedIds.filter((_, i) => sound(2 * i) && !sound(2 * i + 1));
  if (guilty.length > 0) return new Set(guilty);
  const broken = [...squares].filter(([group, sum]) => group !== 'host' && !Number.isFinite(sum));
  return new Set(broken.map(([group]) => group));
}

/** Finite only if every number is. */
const total = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  sumOf(tensors.map((tensor) => tf.sum(tf.abs(tensor))));
