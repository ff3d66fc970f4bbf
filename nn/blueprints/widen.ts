/** More units for a layer: when they become permanent they join it, weights, moments and all. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

export const widen = (count: number, activation: Activation): BlueprintIR => ({
  id: `widen-${count}-${activation}`,
  family: 'widen',
  spans: ['layer'],
  nodes: [units('unit', count, activation), out('unit')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['width'],
  description: `${count} more ${activation} units in a layer`,
});
