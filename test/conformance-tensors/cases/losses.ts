/** Losses: what they cost, and the gradient everything else begins with. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, int, values } from '../case.ts';

const labels = () => tf.oneHot(int(1, 7, 3, 0, 9, 1), 10);

export const losses = group('losses', [
  values(
    'a soft-max sums to one and keeps the order',
    (draw) => [draw.normal([6, 10], 4)],
    (x) => [tf.softmax(x!), tf.sum(tf.softmax(x!), 1), tf.logSoftmax(x!)],
  ),
  values(
    'a soft-max of large numbers does not overflow',
    (draw) => [tf.add(draw.normal([3, 5], 10), 500)],
    (x) => [tf.softmax(x!), tf.logSoftmax(x!)],
  ),
  gradients(
    'a soft-max sends its gradient back',
    (draw) => [draw.normal([6, 10])],
    (x) => tf.softmax(x!),
  ),
  gradients(
    'a log of a soft-max sends its gradient back',
    (draw) => [draw.normal([6, 10])],
    (x) => tf.logSoftmax(x!),
  ),
  values(
    'soft-max cross entropy costs what it should',
    (draw) => [draw.normal([6, 10])],
    (x) => [
      tf.losses.softmaxCrossEntropy(labels(), x!),
      tf.losses.softmaxCrossEntropy(labels(), x!, undefined, 0.1),
      tf.losses.softmaxCrossEntropy(labels(), x!, undefined, 0, tf.Reduction.NONE),
    ],
  ),
  gradients(
    'soft-max cross entropy sends its gradient to the scores',
    (draw) => [draw.normal([6, 10])],
    (x) => tf.losses.softmaxCrossEntropy(labels(), x!),
  ),
  gradients(
    'cross entropy written out over a log of a soft-max sends the same gradient',
    (draw) => [draw.normal([6, 10])],
    (x) => tf.neg(tf.mean(tf.sum(tf.mul(tf.cast(labels(), 'float32'), tf.logSoftmax(x!)), 1))),
  ),
  gradients(
    'a mean squared error sends gradients to guesses and targets',
    (draw) => [draw.normal([6, 3]), draw.normal([6, 3])],
    (x, y) => tf.losses.meanSquaredError(y!, x!),
  ),
  gradients(
    'sigmoid cross entropy sends its gradient to the scores',
    (draw) => [draw.normal([6, 3])],
    (x) =>
      tf.losses.sigmoidCrossEntropy(
        tf.tensor2d([1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1], [6, 3]),
        x!,
      ),
  ),
  gradients(
    'a Huber loss sends gradients that are bounded',
    (draw) => [draw.spaced([6, 3])],
    (x) => tf.losses.huberLoss(tf.zeros([6, 3]), x!, undefined, 0.52),
  ),
]);
