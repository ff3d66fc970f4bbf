/** More units for a layer of any kind: made by the host's own kind of map, and carried on as the host carries its own. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

export const widenMap = (count: number, activation: Activation): BlueprintIR => ({
  id: `widen-map-${count}-${activation}`,
  family: 'widen',
  spans: ['layer'],
  nodes: [
    { ...units('unit', count, activation), op: 'map', like: 'source' },
    { op: 'follow', id: 'way', from: 'unit' },
    { ...out('way'), op: 'map', like: 'target' },
  ],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['width'],
  description: `${count} more ${activation} channels or units in a layer`,
});
