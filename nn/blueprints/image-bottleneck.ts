/** A narrow detour that also looks around: channels down, a small convolution, channels up. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, patches, units } from './parts.ts';

/** @see He et al., "Deep residual learning for image recognition", 2016 */
export const imageBottleneck = (count: number, activation: Activation): BlueprintIR => ({
  id: `bottleneck-3x3-${count}-${activation}`,
  family: 'bottleneck',
  spans: ['residual'],
  nodes: [units('squeeze', count, activation), patches('seen', count, 3, activation, 'squeeze'), out('seen')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'adapter', 'convolution'],
  description: `a residual correction through ${count} ${activation} channels and a 3 x 3 window`,
});
