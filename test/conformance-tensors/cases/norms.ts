/** Normalisations as training uses them: over rows, over features, over pixels, with learnt scale and shift. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

const EPSILON = 1e-3;

/** Over `axes`, with the figures of this very batch, so that gradients flow through them too. */
function normed(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, axes: number[]): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(unit, gamma), beta);
}

export const norms = group('normalisation', [
  values(
    'mean and variance by column are right',
    (draw) => [draw.normal([40, 7], 3)],
    (x) => {
      const { mean, variance } = tf.moments(x!, [0]);
      return [mean, variance];
    },
  ),
  values(
    'mean and variance by channel of images are right',
    (draw) => [draw.normal([4, 5, 6, 3])],
    (x) => {
      const { mean, variance } = tf.moments(x!, [0, 1, 2], true);
      return [mean, variance];
    },
  ),
  values(
    'a batch norm with given figures is right',
    (draw) => [
      draw.normal([6, 10]),
      draw.normal([10]),
      draw.positive([10]),
      draw.normal([10]),
      draw.normal([10]),
    ],
    (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      ),
  ),
  gradients(
    'a batch norm in training sends gradients through its own mean and variance',
    (draw) => [draw.normal([9, 6], 2), draw.normal([6]), draw.normal([6])],
    (x, gamma, beta) => normed(x!, gamma!, beta!, [0]),
  ),
  gradients(
    'a batch norm over images in training sends gradients through its own mean and variance',
    (draw) => [draw.normal([3, 4, 5, 4], 2), draw.normal([4]), draw.normal([4])],
    (x, gamma, beta) => normed(x!, gamma!, beta!, [0, 1, 2]),
  ),
  gradients(
    'the batch norm of the engine sends gradients to input, figures, scale and shift',
    (draw) => [draw.normal([6, 5]), draw.normal([5]), draw.positive([5]), draw.normal([5]), draw.normal([5])],
    (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      ),
  ),
  values(
    'a layer norm is right where the values are far from zero',
    (draw) => [tf.add(draw.normal([5, 12]), 30), draw.normal([12]), draw.normal([12])],
    (x, gamma, beta) => normed(x!, gamma!, beta!, [1]),
  ),
  gradients(
    'a layer norm sends gradients to input, scale and shift',
    (draw) => [draw.normal([5, 12]), draw.normal([12]), draw.normal([12])],
    (x, gamma, beta) => normed(x!, gamma!, beta!, [1]),
  ),
  gradients(
    'a layer norm over the last side of a sequence sends gradients to input, scale and shift',
    (draw) => [draw.normal([2, 3, 8]), draw.normal([8]), draw.normal([8])],
    (x, gamma, beta) => normed(x!, gamma!, beta!, [2]),
  ),
  values(
    'local response normalisation is right',
    (draw) => [draw.normal([2, 3, 3, 7])],
    (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2),
  ),
]);
