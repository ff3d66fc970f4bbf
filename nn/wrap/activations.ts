/** Activations of tensorflow.js layers: ours where we have them, a layer of their own where we do not. */
import type { Activation } from '../../contracts/blueprint.ts';
import type { LayerSpec } from '../types.ts';
import type { Draft } from './draft.ts';

const OURS = new Set<string>(['linear', 'relu', 'tanh', 'sigmoid'] satisfies Activation[]);

export const isOurs = (name: string): name is Activation => OURS.has(name);

/** A map and its activation: one layer with us if we know the activation, two if not. */
export function activated(draft: Draft, activation: string, name: string): readonly Draft[] {
  if (isOurs(activation)) return [{ ...draft, spec: { ...draft.spec, activation } as LayerSpec }];
  const alone: Draft = {
    spec: {
      op: 'foreign',
      className: 'Activation',
      config: { name: `${name}_activation`, activation },
      shapes: [],
      learns: [],
    },
    weights: new Map(),
  };
  return [{ ...draft, spec: { ...draft.spec, activation: 'linear' } as LayerSpec }, alone];
}

/** Does the layer turn logits into probabilities along the last axis? @param rank of one row */
export function isSoftmax(spec: LayerSpec, rank: number): boolean {
  if (spec.op !== 'foreign') return false;
  const { className, config } = spec;
  if (className === 'Activation') return config.activation === 'softmax';
  const [axis, other] = [config.axis].flat();
  return className === 'Softmax' && other === undefined && (axis === -1 || axis === rank);
}
