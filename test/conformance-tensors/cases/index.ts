/** Every case, in the order of the page. */
import type { Case } from '../case.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { attention } from './attention.ts';
import { convolutions } from './convolutions.ts';
import { depthwise } from './depthwise.ts';
import { limits } from './limits.ts';
import { lookups } from './lookups.ts';
import { losses } from './losses.ts';
import { networks } from './networks.ts';
import { norms } from './norms.ts';
import { optimisers } from './optimisers.ts';
import { pooling } from './pooling.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';
import { sumsByIndex } from './sums-by-index.ts';

export const CASES: readonly Case[] = [
  ...products,
  ...sumsByIndex,
  ...convolutions,
  ...depthwise,
  ...pooling,
  ...norms,
  ...activations,
  ...arithmetic,
  ...reductions,
  ...shapes,
  ...lookups,
  ...attention,
  ...losses,
  ...optimisers,
  ...networks,
  ...limits,
];
