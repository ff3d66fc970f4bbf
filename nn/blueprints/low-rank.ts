/** A linear detour through few units: cheap, and it changes what is already there instead of adding features. */
import type { BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

/** @see Hu et al., "LoRA: low-rank adaptation of large language models", 2021 */
export const lowRank = (count: number): BlueprintIR => ({
  id: `low-rank-${count}`,
  family: 'low-rank',
  spans: ['layer', 'residual'],
  nodes: [units('low', count, 'linear'), out('low')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['linear'],
  description: `a linear correction of rank ${count}`,
});
