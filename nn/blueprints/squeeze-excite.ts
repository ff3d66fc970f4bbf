/** Sees the whole image at once and decides from it how loud each channel should be. */
import type { BlueprintIR } from '../../contracts/blueprint.ts';
import { out, units } from './parts.ts';

/** @see Hu et al., "Squeeze-and-excitation networks", 2018 */
export const squeezeExcite = (count: number): BlueprintIR => ({
  id: `squeeze-excite-${count}`,
  family: 'squeeze-excite',
  spans: ['residual'],
  nodes: [
    { op: 'squeeze', id: 'whole', from: 'in' },
    units('few', count, 'relu', 'whole'),
    // tanh: a channel can be switched off or doubled, and nothing more.
    { ...out('few'), id: 'loudness', activation: 'tanh' },
    { op: 'gate', id: 'excited', from: ['in', 'loudness'] },
  ],
  output: 'excited',
  onFossilize: 'trainable',
  tags: ['residual', 'gate'],
  description: `channels weighed by the whole image, through ${count} units`,
});
