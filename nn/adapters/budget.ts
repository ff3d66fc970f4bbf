/** A limit on the bytes of all tensors, kept before the memory itself runs out. */

import type { TensorRuntime } from '../runtime.ts';
import { overBudget } from './refusals.ts';
import * as tf from './tensorflow.ts';

/**
 * The same runtime, refusing uploads beyond `maxBytes`. Tensors that share their numbers count each, so the limit is
 * met early rather than late.
 */
export function withBudget(runtime: TensorRuntime, maxBytes: number): TensorRuntime {
  const known = runtime.capabilities.maxBytes ?? Number.POSITIVE_INFINITY;
  const limit = Math.min(known, maxBytes);
  return {
    ...runtime,
    capabilities: { ...runtime.capabilities, maxBytes: limit },
    upload(data, shape) {
      const held = tf.engine().state.numBytes;
      if (held + data.byteLength > limit) throw overBudget(data.byteLength, held, limit);
      return runtime.upload(data, shape);
    },
  };
}
