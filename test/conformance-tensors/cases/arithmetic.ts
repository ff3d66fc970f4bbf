/** Arithmetic and comparisons, with shapes that stretch over one another, and what is not a number. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

const STRETCHED = [
  { told: 'a row over a table', a: [6, 5], b: [5] },
  { told: 'a column over a table', a: [6, 5], b: [6, 1] },
  { told: 'one number over a table', a: [6, 5], b: [] },
  { told: 'a row and a column over one another', a: [1, 5], b: [6, 1] },
  { told: 'a channel over images', a: [2, 3, 4, 5], b: [5] },
  { told: 'a gate over images', a: [2, 3, 4, 5], b: [2, 1, 1, 5] },
] as const;

const stretched = STRETCHED.flatMap(({ told, a, b }) => [
  values(
    `sum, difference, product and quotient of ${told} are right`,
    (draw) => [draw.normal(a), draw.positive(b)],
    (x, y) => [tf.add(x!, y!), tf.sub(x!, y!), tf.mul(x!, y!), tf.div(x!, y!)],
  ),
  gradients(
    `sum, difference, product and quotient of ${told} send gradients to both`,
    (draw) => [draw.normal(a), draw.positive(b)],
    (x, y) => [tf.add(x!, y!), tf.sub(x!, y!), tf.mul(x!, y!), tf.div(x!, y!)],
  ),
]);

export const arithmetic = group('arithmetic', [
  ...stretched,
  gradients(
    'the larger and the smaller of two send gradients to the one they took',
    (draw) => [draw.spaced([4, 6]), draw.spaced([4, 6])],
    (a, b) => [tf.maximum(a!, b!), tf.minimum(a!, b!)],
  ),
  gradients(
    'a squared difference sends gradients to both',
    (draw) => [draw.normal([4, 6]), draw.normal([4, 6])],
    (a, b) => tf.squaredDifference(a!, b!),
  ),
  gradients(
    'a sum of many gives each the same gradient',
    (draw) => [draw.normal([9]), draw.normal([9]), draw.normal([9])],
    (a, b, c) => tf.addN([a!, b!, c!, a!]),
  ),
  values(
    'comparisons and logic are right, at ties too',
    () => [],
    () => {
      const a = tf.tensor1d([-1, 0, 0.5, 2, 2]);
      const b = tf.tensor1d([0, 0, 0.25, 2, 3]);
      const pairs = [tf.greater, tf.greaterEqual, tf.less, tf.lessEqual, tf.equal, tf.notEqual];
      return [
        ...pairs.map((compare) => compare(a, b)),
        tf.logicalAnd(tf.greater(a, 0), tf.less(b, 3)),
        tf.logicalOr(tf.greater(a, 1), tf.less(b, 0.3)),
        tf.logicalNot(tf.greater(a, 0)),
      ];
    },
  ),
  values(
    'sign, step, floor, ceil and round are right on both sides of 0',
    () => [],
    () => {
      const x = tf.tensor1d([-2.5, -1.2, -0.4, 0, 0.4, 1.5, 2.5]);
      return [tf.sign(x), tf.step(x), tf.floor(x), tf.ceil(x), tf.round(x), tf.mod(x, 2)];
    },
  ),
  values(
    'what is not a number and what is not finite are found',
    () => [],
    () => {
      const x = tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]);
      return [tf.isNaN(x), tf.isFinite(x), tf.isInf(x), tf.any(tf.isNaN(x)), tf.all(tf.isFinite(x))];
    },
  ),
  values(
    'what is not a number passes through sums and products',
    () => [],
    () => {
      const x = tf.tensor2d([1, Number.NaN, 3, 4], [2, 2]);
      return [tf.add(x, 1), tf.sum(x, 1), tf.matMul(x, tf.ones([2, 2]))];
    },
  ),
  gradients(
    'where picks by a fixed mask and sends gradients to the picked',
    (draw) => [draw.normal([3, 4]), draw.normal([3, 4])],
    (a, b) => {
      const mask = tf.tensor2d([1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], [3, 4], 'bool');
      return tf.where(mask, a!, b!);
    },
  ),
  values(
    'a path that is cut by a gradient of its own lets nothing back',
    (draw) => [draw.normal([4, 5]), draw.normal([5, 5])],
    (x, w) =>
      tf.grads((a, b) => {
        const h = tf.matMul(a!, b!);
        return tf.add(tf.mul(h, 0.7), tf.mul(still(h), 0.3));
      })([x!, w!]),
  ),
]);

const still = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
})) as (x: tf.Tensor) => tf.Tensor;
