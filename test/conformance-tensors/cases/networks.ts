/** Whole networks: three steps of training, loss and every weight, with SGD and with Adam. */
import * as tf from '@tensorflow/tfjs';
import { type Case, group, int, training, values } from '../case.ts';
import type { Draw } from '../draw.ts';
import { block, cnn, mlp, residual } from '../models.ts';
import { trained } from '../training.ts';

interface Network {
  readonly told: string;
  inputs(draw: Draw): readonly tf.Tensor[];
  scores(x: tf.Tensor, weights: readonly tf.Tensor[]): tf.Tensor;
}

const classes = (rows: number) => tf.oneHot(int(...Array.from({ length: rows }, (_, i) => (i * 3) % 4)), 4);

const NETWORKS: readonly Network[] = [
  {
    told: 'a network of dense layers',
    inputs: (draw) => [
      draw.normal([12, 20]),
      draw.normal([20, 16], 0.3),
      draw.normal([16], 0.1),
      draw.normal([16, 9], 0.3),
      draw.normal([9], 0.1),
      draw.normal([9, 4], 0.3),
      draw.normal([4], 0.1),
    ],
    scores: mlp,
  },
  {
    told: 'a convolutional network',
    inputs: (draw) => [
      draw.normal([6, 12, 12, 1]),
      draw.normal([3, 3, 1, 4], 0.4),
      draw.normal([4], 0.1),
      draw.normal([3, 3, 4, 6], 0.3),
      draw.normal([6], 0.1),
      draw.normal([54, 4], 0.2),
      draw.normal([4], 0.1),
    ],
    scores: cnn,
  },
  {
    told: 'a residual network with norm, depthwise convolution and gate',
    inputs: (draw) => [
      draw.normal([4, 8, 8, 3]),
      draw.normal([3, 3, 3, 6], 0.3),
      draw.positive([6]),
      draw.normal([6], 0.1),
      draw.normal([3, 3, 6, 1], 0.3),
      draw.normal([1, 1, 6, 6], 0.4),
      draw.normal([6, 6], 0.4),
      draw.normal([6, 4], 0.4),
    ],
    scores: residual,
  },
  {
    told: 'a transformer block over patches',
    inputs: (draw) => [
      draw.normal([4, 5, 8]),
      draw.normal([8, 24], 0.3),
      draw.normal([8, 8], 0.3),
      draw.positive([8]),
      draw.normal([8], 0.1),
      draw.normal([8, 16], 0.3),
      draw.normal([16, 8], 0.3),
      draw.normal([8, 4], 0.3),
    ],
    scores: (x, weights) => tf.matMul(tf.mean(block(x, weights, 2), 1), weights[6]!),
  },
];

const steps = (how: string, make: () => tf.Optimizer): ReadonlyArray<Omit<Case, 'group'>> =>
  NETWORKS.map(({ told, inputs, scores }) =>
    training(`three steps of ${told} with ${how} are right`, inputs, (x, ...weights) => {
      const wanted = classes(x!.shape[0]!);
      return trained(make(), weights, (now) => tf.losses.softmaxCrossEntropy(wanted, scores(x!, now)));
    }),
  );

export const networks = group('whole networks', [
  ...steps('SGD', () => tf.train.sgd(0.1)),
  ...steps('Adam', () => tf.train.adam(0.01, 0.9, 0.999, 1e-3)),
  values(
    'the scores of a network over a wide tensor are right',
    (draw) => [
      draw.normal([64, 784], 0.3),
      draw.normal([784, 256], 0.05),
      draw.normal([256]),
      draw.normal([256, 4], 0.1),
      draw.normal([4]),
    ],
    (x, ...weights) => mlp(x!, weights),
  ),
  values(
    'a wide tensor of a million numbers goes through arithmetic unharmed',
    (draw) => [draw.normal([1000, 1000])],
    (x) => {
      const y = tf.relu(tf.add(tf.mul(x!, 3), 1));
      return [tf.mean(y, 0), tf.max(y, 1), tf.sum(tf.slice(y, [500, 0], [1, 1000]))];
    },
  ),
]);
