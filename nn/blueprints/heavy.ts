/** Two convolutions deep: features of features, for a place that needs more than a correction. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, patches } from './parts.ts';

export const heavy = (count: number, activation: Activation): BlueprintIR => ({
  id: `heavy-${count}-${activation}`,
  family: 'heavy',
  spans: ['residual'],
  nodes: [patches('near', count, 3, activation), patches('far', count, 3, activation, 'near'), out('far')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'convolution', 'deep'],
  description: `two 3 x 3 ${activation} convolutions of ${count} channels`,
});
