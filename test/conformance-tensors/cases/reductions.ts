/** Many numbers to few: sums, means, extremes and norms over any side, also over very many. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

export const reductions = group('reductions', [
  values(
    'sums over the first, a middle, the last and all sides are right',
    (draw) => [draw.normal([5, 6, 7])],
    (x) => [tf.sum(x!, 0), tf.sum(x!, 1), tf.sum(x!, 2), tf.sum(x!), tf.sum(x!, [0, 2], true)],
  ),
  values(
    'means, maxima, minima and products over a side are right',
    (draw) => [draw.normal([5, 6])],
    (x) => [tf.mean(x!, 0), tf.mean(x!, 1), tf.max(x!, 1), tf.min(x!, 0), tf.prod(x!, 1)],
  ),
  values(
    'maxima and minima of negative numbers are right',
    (draw) => [draw.negative([7, 9])],
    (x) => [tf.max(x!, 1), tf.min(x!, 1), tf.max(x!), tf.min(x!)],
  ),
  values(
    'the sum of 300,000 numbers keeps its digits',
    (draw) => [draw.positive([300_000])],
    (x) => [tf.sum(x!), tf.mean(x!)],
  ),
  values(
    'the sums of the columns of a long table keep their digits',
    (draw) => [draw.positive([20_000, 5])],
    (x) => [tf.sum(x!, 0), tf.mean(x!, 0)],
  ),
  values(
    'the norm of many gradients together is right',
    (draw) => [draw.normal([40, 30]), draw.normal([30]), draw.normal([3, 3, 4, 8])],
    (...all) => tf.sqrt(tf.addN(all.map((x) => tf.sum(tf.square(x))))),
  ),
  values(
    'the place of the largest is the first of equals',
    () => [],
    () => {
      const x = tf.tensor2d([1, 3, 3, -2, -1, -1, 0, 0, 0], [3, 3]);
      return [tf.argMax(x, 1), tf.argMin(x, 1), tf.argMax(x, 0)];
    },
  ),
  values(
    'the share of right guesses is right',
    (draw) => [draw.normal([50, 4]), draw.below([50], 4)],
    (x, labels) => tf.mean(tf.cast(tf.equal(tf.argMax(x!, 1), tf.cast(labels!, 'int32')), 'float32')),
  ),
  gradients(
    'a sum over the first side spreads its gradient',
    (draw) => [draw.normal([5, 6])],
    (x) => tf.sum(x!, 0),
  ),
  gradients(
    'a sum over the last side spreads its gradient',
    (draw) => [draw.normal([5, 6])],
    (x) => tf.sum(x!, 1),
  ),
  gradients(
    'a mean over two sides spreads its gradient',
    (draw) => [draw.normal([4, 3, 5])],
    (x) => tf.mean(x!, [0, 2]),
  ),
  gradients(
    'the largest and the smallest get the gradient of maximum and minimum',
    (draw) => [draw.spaced([4, 7])],
    (x) => [tf.max(x!, 1), tf.min(x!, 0)],
  ),
  gradients(
    'a norm sends its gradient back',
    (draw) => [draw.normal([4, 7])],
    (x) => tf.norm(x!),
  ),
  gradients(
    'a product over a side sends its gradient back',
    (draw) => [draw.positive([4, 5])],
    (x) => tf.prod(x!, 1),
  ),
  gradients(
    'a running sum sends its gradient back',
    (draw) => [draw.normal([4, 7])],
    (x) => tf.cumsum(x!, 1),
  ),
  gradients(
    'a log of a sum of exponentials sends its gradient back',
    (draw) => [draw.normal([4, 7])],
    (x) => tf.logSumExp(x!, 1),
  ),
]);
