/** Three steps of training, and how far they moved the weights. */
import * as tf from '@tensorflow/tfjs';

const STEPS = 3;

/** @returns the loss of every step, then the change of every weight: a change shows errors that a weight would hide */
export function trained(
  optimiser: tf.Optimizer,
  weights: readonly tf.Tensor[],
  lossOf: (weights: readonly tf.Tensor[]) => tf.Tensor,
): tf.Tensor[] {
  const variables = weights.map((weight) => tf.variable(weight));
  try {
    const losses = Array.from(
      { length: STEPS },
      () => optimiser.minimize(() => lossOf(variables) as tf.Scalar, true, variables)!,
    );
    return [...losses, ...variables.map((variable, i) => tf.sub(variable, weights[i]!))];
  } finally {
    tf.dispose(variables);
    optimiser.dispose();
  }
}
