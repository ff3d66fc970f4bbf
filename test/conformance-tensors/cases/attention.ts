/** Attention: scores, soft-max and mixing over several heads, alone and inside a block. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';
import { attend, block } from '../models.ts';

export const attention = group('attention', [
  values(
    'attention with two heads mixes values by score',
    (draw) => [draw.normal([2, 5, 8]), draw.normal([2, 5, 8]), draw.normal([2, 5, 8])],
    (q, k, v) => attend(q!, k!, v!, 2),
  ),
  gradients(
    'attention with one head sends gradients to queries, keys and values',
    (draw) => [draw.normal([2, 4, 6]), draw.normal([2, 4, 6]), draw.normal([2, 4, 6])],
    (q, k, v) => attend(q!, k!, v!, 1),
  ),
  gradients(
    'attention with three heads sends gradients to queries, keys and values',
    (draw) => [draw.normal([2, 4, 6]), draw.normal([2, 4, 6]), draw.normal([2, 4, 6])],
    (q, k, v) => attend(q!, k!, v!, 3),
  ),
  gradients(
    'attention that may not look ahead sends nothing to later places',
    (draw) => [draw.normal([1, 4, 6]), draw.normal([1, 4, 6]), draw.normal([1, 4, 6])],
    (q, k, v) => attend(q!, k!, v!, 2, tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([4, 4]), -1, 0)), -1e4)),
  ),
  gradients(
    'a whole transformer block sends gradients to its input and every weight',
    (draw) => [
      draw.normal([2, 4, 6]),
      draw.normal([6, 18], 0.4),
      draw.normal([6, 6], 0.4),
      draw.positive([6]),
      draw.normal([6]),
      draw.normal([6, 12], 0.4),
      draw.normal([12, 6], 0.4),
    ],
    (x, ...weights) => block(x!, weights, 2),
  ),
]);
