/** What a layer of somebody else's model becomes: one or more of our layers, and the weights that go into them. */
import type * as tf from '@tensorflow/tfjs';
import type { LayerSpec } from '../types.ts';
import type { Visit } from './read-model.ts';

/** One layer to be, reading the draft before it, or for the first draft of a layer what that layer reads. */
export interface Draft {
  readonly spec: LayerSpec;
  /** By the key that the weights have with us. */
  readonly weights: ReadonlyMap<string, tf.LayerVariable>;
}

/** A draft of a layer whose weights have other names at home. @param keys ours to theirs; absent ones are left out */
export function draftOf(
  { layer }: Visit,
  spec: LayerSpec,
  keys: Readonly<Record<string, string>> = {},
): Draft {
  const weights = new Map<string, tf.LayerVariable>();
  for (const [ours, theirs] of Object.entries(keys)) {
    const found = layer.weights.find(({ originalName }) => originalName.split('/').pop() === theirs);
    if (found !== undefined) weights.set(ours, found);
  }
  const learning = layer.trainableWeights.length > 0;
  return { spec: weights.size === 0 || learning ? spec : ({ ...spec, frozen: true } as LayerSpec), weights };
}

/** The layer itself, run by its owner's code. */
export function foreignDraft({ layer, className, config }: Visit): Draft {
  const learning = new Set(layer.trainableWeights);
  return {
    spec: {
      op: 'foreign',
      className,
      config,
      shapes: layer.weights.map(({ shape }) => shape as number[]),
      learns: layer.weights.map((weight) => learning.has(weight)),
    },
    weights: new Map(layer.weights.map((weight, i) => [`${i}`, weight])),
  };
}
