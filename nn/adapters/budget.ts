/** A limit on the bytes of all tensors and plans, kept before the memory itself runs out. */

import type { TensorRuntime } from '../runtime.ts';
import { overBudget } from './refusals.ts';
import * as tf from './tensorflow.ts';

/**
 * The same runtime, refusing uploads, and memory of plans, beyond `maxBytes` together. Tensors that share their numbers
 * count each, so the limit is met early rather than late.
 */
export function withBudget(runtime: TensorRuntime, maxBytes: number): TensorRuntime {
  const known = runtime.capabilities.maxBytes ?? Number.POSITIVE_INFINITY;
  const limit = Math.min(known, maxBytes);
  let claimed = 0;
  let rented = 0;
  const check = (bytes: number, besides: number) => {
    const held = tf.engine().state.numBytes + rented + besides;
    if (held + bytes > limit) throw overBudget(bytes, held, limit);
  };
  return {
    ...runtime,
    capabilities: { ...runtime.capabilities, maxBytes: limit },
    upload(data, shape) {
      check(data.byteLength, claimed);
      return runtime.upload(data, shape);
    },
    claim(bytes) {
      if (bytes > claimed) check(bytes, 0);
      claimed = bytes;
    },
    rent(bytes) {
      if (bytes > 0) check(bytes, claimed);
      rented += bytes;
    },
  };
}
