/** What every blueprint family is made of. */
import type { Activation, BlueprintNode } from '../../contracts/blueprint.ts';

type Of<O extends BlueprintNode['op']> = Extract<BlueprintNode, { op: O }>;

/** The start that suits an activation: relu halves the variance, saturating units want spread. */
export const startFor = (activation: Activation): Of<'dense'>['start'] =>
  activation === 'relu' ? 'he' : activation === 'linear' ? 'glorot' : 'wide';

/** Hidden units on the seed's input or a node of it, with biases. Of images and sequences: at every place the same. */
export const units = (id: string, count: number, activation: Activation, from = 'in'): Of<'dense'> => ({
  op: 'dense',
  id,
  from,
  units: count,
  activation,
  bias: true,
  start: startFor(activation),
});

/** Units that see a square of pixels. */
export const patches = (
  id: string,
  count: number,
  size: Of<'conv'>['size'],
  activation: Activation,
  from = 'in',
): Of<'conv'> => ({
  op: 'conv',
  id,
  from,
  units: count,
  size,
  activation,
  bias: true,
  start: startFor(activation),
});

/** Each channel looks around by itself. */
export const around = (id: string, activation: Activation, from = 'in'): Of<'depthwise'> => ({
  op: 'depthwise',
  id,
  from,
  size: 3,
  activation,
  bias: true,
  start: startFor(activation),
});

/** The way back into the host: exactly zero at birth, and without a bias of its own. */
export const out = (from: string): Of<'dense'> => ({
  op: 'dense',
  id: 'out',
  from,
  units: 'out',
  activation: 'linear',
  bias: false,
  start: 'zero',
});
