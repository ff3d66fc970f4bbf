/** Wrapped models with something growing in them. */
import * as tf from '@tensorflow/tfjs';
import type { BlueprintIR, Kernel } from '../../../contracts/index.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import {
  attention,
  bottleneck,
  depthwise,
  type GrowingNetwork,
  gated,
  heavy,
  type LayersExport,
  norm,
  squeezeExcite,
  widen,
  widenMap,
} from '../../../nn/index.ts';
import { adam, kernelOf, sgd } from '../worlds.ts';
import type { Case } from './models.ts';

export { adam, sgd };

/** One of every kind, those with the narrowest taste first. */
export const TREES: readonly Kernel[] = [
  widenMap(3, 'relu'),
  widen(3, 'tanh'),
  gated(2, 'tanh'),
  squeezeExcite(2),
  attention(4, 2),
  heavy(2, 'relu'),
  depthwise('relu'),
  norm(),
  bottleneck(3, 'tanh'),
].map(kernelOf);

/** Plants a seed of the slot's own name, asleep. */
export function plantInto(network: GrowingNetwork, slotId: string, blueprint: BlueprintIR): string {
  const seedId = `s-${slotId}`;
  network.plant({ seedId, slotId, kernel: kernelOf(blueprint), draw: 0 });
  return seedId;
}

export const bottleneckInto = (network: GrowingNetwork, slotId: string): string =>
  plantInto(network, slotId, bottleneck(3, 'tanh'));

/** Drawn targets: one class a row, or values between 0 and 1. */
export function toyTargets({ loss, name }: Case, outputs: number, rows: number): Float32Array {
  const random = randomStream(`${name}/targets`);
  if (loss === 'mse') return Float32Array.from({ length: rows * outputs }, () => random.next());
  const targets = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) targets[row * outputs + Math.floor(random.next() * outputs)] = 1;
  return targets;
}

/** What somebody gets who loads the exported files. */
export async function reloaded({ modelJson, weights }: LayersExport): Promise<tf.LayersModel> {
  // Through text, as a file would be.
  const { modelTopology, weightsManifest } = JSON.parse(JSON.stringify(modelJson)) as {
    modelTopology: object;
    weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
  };
  const weightSpecs = weightsManifest[0]!.weights;
  return tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs, weightData: weights.slice().buffer }),
  );
}
