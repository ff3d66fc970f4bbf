/** Optimisers: what three steps make of the weights of one dense layer, and clipping before them. */
import * as tf from '@tensorflow/tfjs';
import { group, training, values } from '../case.ts';
import { trained } from '../training.ts';

const OPTIMISERS: Readonly<Record<string, () => tf.Optimizer>> = {
  SGD: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  'Nesterov momentum': () => tf.train.momentum(0.1, 0.9, true),
  Adam: () => tf.train.adam(0.1),
  Adamax: () => tf.train.adamax(0.1),
  RMSProp: () => tf.train.rmsprop(0.1, 0.9, 0.9, 1e-7),
  'centred RMSProp': () => tf.train.rmsprop(0.1, 0.9, 0.5, 1e-3, true),
  Adagrad: () => tf.train.adagrad(0.1),
  Adadelta: () => tf.train.adadelta(0.1),
};

export const optimisers = group('optimisers', [
  ...Object.entries(OPTIMISERS).map(([name, make]) =>
    training(
      `three steps of ${name} change weights and biases as they should`,
      (draw) => [draw.normal([7, 5]), draw.normal([7, 3]), draw.normal([5, 3]), draw.normal([3])],
      (x, y, ...weights) =>
        trained(make(), weights, ([w, b]) => tf.losses.meanSquaredError(y!, tf.add(tf.matMul(x!, w!), b!))),
    ),
  ),
  values(
    'clipping by the norm of all gradients shortens all by one factor',
    (draw) => [draw.normal([5, 3], 4), draw.normal([3], 4)],
    (...all) => {
      const norm = tf.sqrt(tf.addN(all.map((x) => tf.sum(tf.square(x)))));
      const factor = tf.minimum(tf.div(1, norm), 1);
      return [norm, ...all.map((x) => tf.mul(x, factor))];
    },
  ),
  values(
    'clipping leaves gradients alone that are short enough',
    (draw) => [draw.normal([5, 3], 0.01)],
    (x) => tf.mul(x!, tf.minimum(tf.div(1, tf.norm(x!)), 1)),
  ),
  values(
    'Adam written out, with decay apart from the gradient, is right',
    (draw) => [draw.normal([40]), draw.normal([40]), draw.normal([40], 0.1), draw.positive([40])],
    (w, g, m, v) => {
      const mean = tf.add(tf.mul(m!, 0.9), tf.mul(g!, 0.1));
      const square = tf.add(tf.mul(v!, 0.999), tf.mul(tf.square(g!), 0.001));
      const step = tf.div(tf.div(mean, 1 - 0.9 ** 3), tf.add(tf.sqrt(tf.div(square, 1 - 0.999 ** 3)), 1e-7));
      return [tf.sub(tf.mul(w!, 1 - 0.01 * 0.1), tf.mul(step, 0.1)), mean, square];
    },
  ),
]);
