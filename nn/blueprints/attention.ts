/** Every place asks all others what they know, and takes over what fits its question. */
import type { BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

/** @see Vaswani et al., "Attention is all you need", 2017 */
export const attention = (width: number, heads: number): BlueprintIR => ({
  id: `attention-${width}-${heads}`,
  family: 'attention',
  spans: ['residual'],
  nodes: [
    { op: 'norm', id: 'calm', from: 'in', start: 'one' },
    units('query', width, 'linear', 'calm'),
    // What all keys have in common moves no attention from one place to another: an offset would never learn.
    { ...units('key', width, 'linear', 'calm'), bias: false },
    units('value', width, 'linear', 'calm'),
    { op: 'attend', id: 'found', from: ['query', 'key', 'value'], heads },
    out('found'),
  ],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'attention'],
  description: `attention over places, ${width} wide, ${heads} ${heads === 1 ? 'head' : 'heads'}`,
});
