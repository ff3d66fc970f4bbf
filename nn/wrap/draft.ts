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
export function draftOf(visit: Visit, spec: LayerSpec, keys: Readonly<Record<string, string>> = {}): Draft {
  const weights = new Map<string, tf.LayerVariable>();
  for (const [ours, theirs] of Object.entries(keys)) {
    const found = visit.layer.weights.find(({ originalName }) => originalName.split('/').pop() === theirs);
    if (found !== undefined) weights.set(ours, found);
  }
  const resting = weights.size > 0 && restsWhole(visit);
  return { spec: resting ? ({ ...spec, frozen: true } as LayerSpec) : spec, weights };
}

/** Nothing of it learns, though it is more than running figures: those of a layer that is trainable move by themselves. */
function restsWhole({ rests, ...visit }: Visit): boolean {
  return rests || (learnable(visit) > 0 && visit.layer.trainableWeights.length === 0);
}

/** Weights that learn as long as nobody lets them rest: all but the running figures. */
export const learnable = ({ layer, className }: Pick<Visit, 'layer' | 'className'>): number =>
  layer.weights.length - (className === 'BatchNormalization' ? 2 : 0);

/** The layer itself, run by its owner's code. */
export function foreignDraft({ layer, className, config, rests }: Visit): Draft {
  const learning = new Set(rests ? [] : layer.trainableWeights);
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
