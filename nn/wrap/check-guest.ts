/** Makes sure that a layer which is rebuilt from its configuration computes what the original does. */

import { randomStream } from '../../contracts/random-stream.ts';
import * as tf from '../adapters/tensorflow.ts';
import { foreignLayer } from '../foreign-layer.ts';
import type { TensorRuntime } from '../runtime.ts';
import { scoped } from '../scoped.ts';
import type { ForeignSpec } from '../types.ts';
import type { Visit } from './read-model.ts';
import { unsupported } from './refusal.ts';

/**
 * Runs original and copy on one row of drawn numbers. A constructor argument that `getConfig` forgets shows here, and
 * not weeks later when a checkpoint is loaded.
 * @throws NN_WRAP_UNSUPPORTED, NN_LAYER_UNKNOWN, NN_LAYER_CHANGED
 */
export function checkGuest(
  runtime: TensorRuntime,
  { layer, inputs, sources }: Visit,
  spec: ForeignSpec,
): void {
  const guest = foreignLayer(spec);
  const same = scoped(() => {
    const random = randomStream(layer.name);
    const row = inputs.map((shape, i) => {
      // What goes into the model may be ids, and those are never below 0.
      const draw = sources[i] === 0 ? () => random.next() : () => 2 * random.next() - 1;
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
      return runtime.upload(data, [1, ...shape]);
    });
    const weights = layer.weights.map((weight) => weight.read());
    const [copy, original] = [guest.call(row, weights, false), layer.apply(row, { training: false })];
    return bitwiseEqual(runtime, copy as tf.Tensor, original as tf.Tensor);
  });
  if (same) return;
  throw unsupported(
    layer.name,
    'answers differently once it is rebuilt from its configuration',
    'let its getConfig return everything that its constructor takes',
  );
}

function bitwiseEqual(runtime: TensorRuntime, a: tf.Tensor, b: tf.Tensor): boolean {
  if (!tf.util.arraysEqual(a.shape, b.shape)) return false;
  const first = runtime.peek(a).slice();
  const second = runtime.peek(b);
  return first.every((value, i) => Object.is(value, second[i]));
}
