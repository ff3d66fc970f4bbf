/** Units that can be switched by the input: one half computes values, the other decides how much of them passes. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

/** @see Dauphin et al., "Language modeling with gated convolutional networks", 2017 */
export const gated = (count: number, activation: Activation): BlueprintIR => ({
  id: `gated-${count}-${activation}`,
  family: 'gated',
  spans: ['layer', 'residual'],
  nodes: [
    units('value', count, activation),
    { op: 'dense', id: 'gate', from: 'in', units: count, activation: 'sigmoid', bias: true, start: 'glorot' },
    { op: 'multiply', id: 'passed', from: ['value', 'gate'] },
    out('passed'),
  ],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['gate'],
  description: `${count} ${activation} units behind learned gates`,
});
