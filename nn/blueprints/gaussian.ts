/** Units that answer to a ridge in their input and fall silent on both sides of it: parity needs few of them. */
import type { BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

export const gaussian = (count: number): BlueprintIR => ({
  id: `gaussian-${count}`,
  family: 'gaussian',
  spans: ['layer', 'residual'],
  nodes: [units('bump', count, 'gaussian'), out('bump')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['radial'],
  description: `${count} Gaussian units`,
});
