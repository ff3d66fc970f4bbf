/** The numbers that a layer's weights begin with. */
import type { RandomStream } from '../contracts/random-stream.ts';
import type { BlockSpec } from './layer-ops.ts';
import { drawDense, type StartRule } from './start.ts';

/** The numbers of a layer at birth. Weights and offsets come from one draw, as one dense map over all that a unit reads. */
export function drawBlocks(
  blocks: readonly BlockSpec[],
  start: StartRule,
  random: RandomStream,
): ReadonlyMap<string, Float32Array> {
  const weights = blocks.find(({ birth }) => birth === 'drawn');
  const units = weights?.axes.at(-1) === null ? weights.shape.at(-2)! : (weights?.shape.at(-1) ?? 0);
  const size = ({ shape }: BlockSpec) => shape.reduce((a, b) => a * b, 1);
  const fanIn = weights === undefined ? 0 : size(weights) / units;
  const drawn = drawDense(start, fanIn, units, random);
  return new Map(
    blocks.map((block) => {
      if (block.birth === 'drawn') return [block.key, drawn.weights];
      if (block.birth === 'offset') return [block.key, drawn.bias];
      return [block.key, new Float32Array(size(block)).fill(block.birth === 'ones' ? 1 : 0)];
    }),
  );
}
