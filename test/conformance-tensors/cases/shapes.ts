/** Moving numbers about: joining, cutting, padding, turning, and the gradients that find their way back. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

export const shapes = group('shapes', [
  values(
    'a clone, a reshape and a squeeze keep every number',
    (draw) => [draw.normal([3, 1, 8])],
    (x) => [tf.clone(x!), tf.reshape(x!, [4, 6]), tf.squeeze(x!), tf.expandDims(x!, 0)],
  ),
  values(
    'tensors joined along the first, a middle and the last side keep their order',
    (draw) => [draw.normal([2, 3, 4]), draw.normal([2, 3, 4])],
    (a, b) => [0, 1, 2].map((axis) => tf.concat([a!, b!, a!], axis)),
  ),
  gradients(
    'tensors of different widths joined by column get their own share of the gradient',
    (draw) => [draw.normal([4, 3]), draw.normal([4, 1]), draw.normal([4, 6])],
    (...parts) => tf.concat(parts, 1),
  ),
  gradients(
    'a tensor split in three is put together again by its gradient',
    (draw) => [draw.normal([4, 9])],
    (x) => tf.split(x!, [2, 3, 4], 1),
  ),
  gradients(
    'a slice sends zeros to what it left out',
    (draw) => [draw.normal([5, 6, 3])],
    (x) => tf.slice(x!, [1, 2, 0], [3, 2, 2]),
  ),
  values(
    'a strided slice takes every second row, and rows from the end',
    (draw) => [draw.normal([5, 6])],
    (x) => [tf.stridedSlice(x!, [0, 1], [5, 6], [2, 3]), tf.stridedSlice(x!, [4, 0], [0, 6], [-2, 1])],
  ),
  gradients(
    'every second row, taken by gathering, sends zeros to the rows between',
    (draw) => [draw.normal([6, 4])],
    (x) => tf.gather(x!, tf.tensor1d([0, 2, 4], 'int32')),
  ),
  gradients(
    'padding is cut off again by its gradient',
    (draw) => [draw.normal([2, 3, 4])],
    (x) =>
      tf.pad(
        x!,
        [
          [0, 0],
          [1, 2],
          [2, 0],
        ],
        0.5,
      ),
  ),
  values(
    'padding by reflection repeats the inside',
    (draw) => [draw.normal([4, 5])],
    (x) =>
      tf.mirrorPad(
        x!,
        [
          [1, 2],
          [2, 1],
        ],
        'reflect',
      ),
  ),
  ...[
    [1, 0, 2],
    [2, 1, 0],
    [0, 2, 1],
    [2, 0, 1],
  ].map((order) =>
    gradients(
      `sides turned to the order ${order.join(', ')} are turned back by the gradient`,
      (draw) => [draw.normal([3, 4, 5])],
      (x) => tf.transpose(x!, order),
    ),
  ),
  gradients(
    'heads split off a sequence and put back send gradients through four sides',
    (draw) => [draw.normal([2, 5, 6])],
    (x) => tf.transpose(tf.reshape(x!, [2, 5, 3, 2]), [0, 2, 1, 3]),
  ),
  gradients(
    'a tensor repeated in two sides gathers gradients from the copies',
    (draw) => [draw.normal([3, 4])],
    (x) => tf.tile(x!, [2, 3]),
  ),
  gradients(
    'stacked tensors get their own share of the gradient',
    (draw) => [draw.normal([3, 4]), draw.normal([3, 4])],
    (a, b) => tf.stack([a!, b!], 1),
  ),
  gradients(
    'a stack taken apart is put together again by its gradient',
    (draw) => [draw.normal([3, 4])],
    (x) => tf.unstack(x!, 1),
  ),
  values(
    'a tensor is reversed in each side',
    (draw) => [draw.normal([3, 4, 2])],
    (x) => [tf.reverse(x!, 0), tf.reverse(x!, [1, 2])],
  ),
  gradients(
    'pixels moved into channels by patches come back by the gradient',
    (draw) => [draw.normal([2, 4, 6, 3])],
    (x) => tf.reshape(tf.transpose(tf.reshape(x!, [2, 2, 2, 3, 2, 3]), [0, 1, 3, 2, 4, 5]), [2, 6, 12]),
  ),
  values(
    'a clone lives on when the original is disposed of',
    (draw) => [draw.normal([50])],
    (x) => {
      const original = tf.mul(x!, 2);
      const kept = tf.clone(original);
      original.dispose();
      const other = tf.fill([50], 9);
      return [kept, other];
    },
  ),
]);
