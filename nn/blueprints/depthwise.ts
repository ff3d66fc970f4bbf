/** Each channel looks at its neighbourhood by itself, then all are mixed: a convolution in two cheap steps. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { around, out } from './parts.ts';

/** @see Chollet, "Xception: deep learning with depthwise separable convolutions", 2017 */
export const depthwise = (activation: Activation): BlueprintIR => ({
  id: `depthwise-${activation}`,
  family: 'depthwise',
  spans: ['residual'],
  nodes: [around('around', activation), out('around')],
  output: 'out',
  onFossilize: 'trainable',
  tags: ['residual', 'convolution'],
  description: 'a 3 x 3 convolution of each channel, then a mix of them',
});
