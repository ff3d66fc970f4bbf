/** Brings the features of every place to mean 0 and deviation 1, and adds as much of that as turns out to help. */
import type { BlueprintIR } from '../../contracts/blueprint.ts';

/** @see Ba et al., "Layer normalization", 2016 */
export const norm = (): BlueprintIR => ({
  id: 'norm',
  family: 'norm',
  spans: ['residual'],
  nodes: [{ op: 'norm', id: 'norm', from: 'in', start: 'zero' }],
  output: 'norm',
  onFossilize: 'trainable',
  tags: ['residual', 'normalisation'],
  description: 'a layer norm beside the features',
});
