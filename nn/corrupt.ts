/** Damages weights on purpose, so that the guards can be seen to work. */

import type { Seed } from './host-state.ts';
import { replaceValue, sizeOf } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';

/** A million: far beyond any healthy gradient, yet its square still fits in a float32. */
const EXPLOSION = 1e6;

/** `nan` makes every weight NaN; `explode` makes every gradient a million times what it should be, as long as the seed lives. */
export function corruptSeed(runtime: TensorRuntime, seed: Seed, how: 'nan' | 'explode'): void {
  if (how === 'explode') {
    seed.gradientGain = EXPLOSION;
    return;
  }
  for (const parameter of seed.body.parameters.values()) {
    const data = new Float32Array(sizeOf(parameter)).fill(Number.NaN);
    replaceValue(parameter, runtime.upload(data, parameter.shape));
  }
}
