/** What every blueprint family is made of. */
import type { Activation, BlueprintNode } from '../../contracts/blueprint.ts';

type DenseNode = Extract<BlueprintNode, { op: 'dense' }>;

/** The start that suits an activation: relu halves the variance, saturating units want spread. */
const startFor = (activation: Activation): DenseNode['start'] =>
  activation === 'relu' ? 'he' : activation === 'linear' ? 'glorot' : 'wide';

/** Hidden units on the seed's input, with biases. */
export const units = (id: string, count: number, activation: Activation): DenseNode => ({
  op: 'dense',
  id,
  from: 'in',
  units: count,
  activation,
  bias: true,
  start: startFor(activation),
});

/** The way back into the host: exactly zero at birth, and without a bias of its own. */
export const out = (from: string): DenseNode => ({
  op: 'dense',
  id: 'out',
  from,
  units: 'out',
  activation: 'linear',
  bias: false,
  start: 'zero',
});
