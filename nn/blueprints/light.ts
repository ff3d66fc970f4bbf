/** A few features of small squares of pixels, mixed into the channels. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, patches } from './parts.ts';

export const light = (count: number, activation: Activation): BlueprintIR => ({
  id: `light-${count}-${activation}`,
  family: 'light',
  spans: ['residual'],
  nodes: [patches('seen', count, 3, activation), out('seen')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'convolution'],
  description: `${count} 3 x 3 ${activation} features, mixed into the channels`,
});
