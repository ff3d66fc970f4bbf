/** Damages weights on purpose, so that the guards can be seen to work. */
import { replaceValue } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import type { SeedBody } from './seed-body.ts';

/** A million: far beyond any healthy weight, yet its squares still fit in a float32. */
const EXPLOSION = 1e6;

/** `nan` makes every weight NaN; `explode` makes them huge and finite, zeros included. */
export function corruptBody(runtime: TensorRuntime, body: SeedBody, how: 'nan' | 'explode'): void {
  for (const parameter of body.parameters.values()) {
    const old = runtime.peek(parameter.value);
    const data = Float32Array.from(old, (w) => (how === 'nan' ? Number.NaN : (w + 1) * EXPLOSION));
    replaceValue(parameter, runtime.upload(data, parameter.shape));
  }
}
