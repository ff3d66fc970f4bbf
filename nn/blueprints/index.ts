/** The blueprint families, and the standard catalogue made of them. */
import type { Activation, BlueprintIR, RowKind } from '../../contracts/blueprint.ts';
import { attention } from './attention.ts';
import { bottleneck } from './bottleneck.ts';
import { cascade } from './cascade.ts';
import { depthwise } from './depthwise.ts';
import { gated } from './gated.ts';
import { gaussian } from './gaussian.ts';
import { heavy } from './heavy.ts';
import { imageBottleneck } from './image-bottleneck.ts';
import { light } from './light.ts';
import { lowRank } from './low-rank.ts';
import { norm } from './norm.ts';
import { pointwise } from './pointwise.ts';
import { squeezeExcite } from './squeeze-excite.ts';
import { widen } from './widen.ts';
import { widenMap } from './widen-map.ts';

export {
  attention,
  bottleneck,
  cascade,
  depthwise,
  gated,
  gaussian,
  heavy,
  imageBottleneck,
  light,
  lowRank,
  norm,
  pointwise,
  squeezeExcite,
  widen,
  widenMap,
};

const WIDENINGS = [1, 2, 3, 4, 8, 16, 32];

/**
 * What a run may grow unless told otherwise.
 * @param activation that of the host's hidden layers, so that widening seeds can join them
 * @param rows what a row is inside the host: some plans need an image, some at least places
 */
export function standardCatalogue(activation: Activation, rows: RowKind = 'vector'): readonly BlueprintIR[] {
  return [
    ...WIDENINGS.map((count) => (rows === 'vector' ? widen : widenMap)(count, activation)),
    ...[4, 8, 16].map((count) => bottleneck(count, activation)),
    ...[4, 8].map((count) => gated(count, activation)),
    ...[1, 2, 4].map((count) => gaussian(count)),
    ...[2, 4].map((count) => lowRank(count)),
    norm(),
    ...(rows === 'vector' ? [] : [attention(8, 2)]),
    ...(rows === 'image' ? forImages(activation) : []),
    // a cascade starts at the input, and only a list of numbers can be read from there
    ...(rows === 'vector' ? (['tanh', 'sigmoid', 'gaussian'] as const).map((each) => cascade(1, each)) : []),
  ];
}

const forImages = (activation: Activation): readonly BlueprintIR[] => [
  pointwise(),
  depthwise(activation),
  squeezeExcite(4),
  light(4, activation),
  heavy(4, activation),
  imageBottleneck(4, activation),
];
