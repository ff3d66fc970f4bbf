/** A narrow detour beside a layer: few units read all features and correct them all. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

export const bottleneck = (count: number, activation: Activation): BlueprintIR => ({
  id: `bottleneck-${count}-${activation}`,
  family: 'bottleneck',
  spans: ['residual'],
  nodes: [units('squeeze', count, activation), out('squeeze')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'adapter'],
  description: `a residual correction through ${count} ${activation} units`,
});
