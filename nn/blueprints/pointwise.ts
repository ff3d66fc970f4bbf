/** Mixes the channels of every pixel anew: one matrix, nothing around it. */
import type { BlueprintIR } from '../../contracts/blueprint.ts';
import { out } from './parts.ts';

/** @see Rebuffi et al., "Efficient parametrization of multi-domain deep neural networks", 2018 */
export const pointwise = (): BlueprintIR => ({
  id: 'pointwise',
  family: 'pointwise',
  spans: ['residual'],
  nodes: [out('in')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'linear'],
  description: 'a 1 x 1 convolution beside the channels',
});
