/** What tensorflow.js itself cannot do, or does wrongly on every backend, and ways round that are right. */
import * as tf from '@tensorflow/tfjs';
import { around, gradients, group } from '../case.ts';

type Images = tf.Tensor4D;

/** The mean over windows of `size` that hang over the edge: padded by hand, and divided by the pixels that are there. */
function meanOverEdges(x: tf.Tensor, size: number, stride: number): tf.Tensor {
  const [, h, w] = x.shape as [number, number, number, number];
  const over = (side: number) => {
    const all = Math.max((Math.ceil(side / stride) - 1) * stride + size - side, 0);
    return [Math.floor(all / 2), Math.ceil(all / 2)] as [number, number];
  };
  const pool = (images: tf.Tensor) =>
    tf.avgPool(tf.pad(images, [[0, 0], over(h), over(w), [0, 0]]) as Images, size, stride, 'valid');
  return tf.div(pool(x), pool(tf.ones([1, h, w, 1])));
}

/** Every pixel `by` times in both directions, from copies alone. */
function enlarged(x: tf.Tensor, by: number): tf.Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const rows = tf.tile(tf.reshape(x, [n * h, 1, w * c]), [1, by, 1]);
  return tf.reshape(tf.tile(tf.reshape(rows, [n * h * by * w, 1, c]), [1, by, 1]), [n, h * by, w * by, c]);
}

export const limits = group('limits of the engine', [
  around(
    '`tf.where(tf.greater(x, 0), ..)` throws under a gradient by `x`: a comparison has none. `tf.step(x)` makes the same mask',
    gradients(
      'where by a step of the input sends gradients',
      (draw) => [draw.spaced([20])],
      (x) => tf.where(tf.cast(tf.step(x!), 'bool'), tf.exp(tf.mul(x!, 0.5)), tf.mul(x!, 3)),
    ),
  ),
  around(
    '`tf.avgPool` with same padding divides the gradient of a window over the edge by the whole window. Pad by hand',
    ...(
      [
        [3, 2],
        [3, 1],
        [2, 2],
      ] as const
    ).map(([size, stride]) =>
      gradients(
        `the mean of windows of ${size}x${size}, stride ${stride}, padded by hand, spreads its gradient over the pixels that are there`,
        (draw) => [draw.normal([2, 7, 5, 3])],
        (x) => meanOverEdges(x!, size, stride),
      ),
    ),
  ),
  around(
    '`tf.image.resizeNearestNeighbor` mixes up the gradients of the images of a batch. Copy with `tf.tile`',
    gradients(
      'images enlarged by copying gather the gradients of the copies',
      (draw) => [draw.normal([2, 3, 4, 3])],
      (x) => enlarged(x!, 2),
    ),
  ),
  around(
    '`tf.image.resizeBilinear` has a gradient for square images only',
    gradients(
      'a square image enlarged bilinearly gathers gradients from its neighbours',
      (draw) => [draw.normal([1, 4, 4, 3])],
      (x) => tf.image.resizeBilinear(x as Images, [8, 8]),
    ),
  ),
  around(
    '`tf.einsum` has no gradient. Transpose and multiply',
    gradients(
      'scores of heads by transposing and multiplying send gradients to queries and keys',
      (draw) => [draw.normal([2, 3, 2, 4]), draw.normal([2, 5, 2, 4])],
      (q, k) => tf.matMul(tf.transpose(q!, [0, 2, 1, 3]), tf.transpose(k!, [0, 2, 1, 3]), false, true),
    ),
  ),
  around(
    '`tf.squaredDifference` of different shapes has no gradient. Square the difference',
    gradients(
      'the square of a difference of a table and a row sends gradients to both',
      (draw) => [draw.normal([4, 6]), draw.normal([6])],
      (a, b) => tf.square(tf.sub(a!, b!)),
    ),
  ),
  around(
    'A convolution padded by a number works out its size from the height of its filter and stride alone; where the width differs, `wasm` writes beyond its memory. Pad with `tf.pad`',
    gradients(
      'a convolution of 3x2 with strides 2 and 1, padded by hand, sends gradients to pixels and filter',
      (draw) => [draw.normal([2, 7, 6, 3]), draw.normal([3, 2, 3, 4])],
      (x, f) => {
        const padded = tf.pad(x!, [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]);
        return tf.conv2d(padded as Images, f as Images, [2, 1], 'valid');
      },
    ),
  ),
]);
