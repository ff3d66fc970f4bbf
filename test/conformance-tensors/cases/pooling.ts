/** Pooling and its opposite: windows of maxima and means, whole images, enlarged images. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

type Images = tf.Tensor4D;

const WINDOWS = [
  { told: '2x2, stride 2', image: [2, 8, 8, 3], size: 2, stride: 2, pad: 'valid' },
  { told: '3x3, stride 2, same padding, odd sides', image: [2, 7, 9, 3], size: 3, stride: 2, pad: 'same' },
  { told: '3x3, stride 1, overlapping', image: [2, 6, 6, 2], size: 3, stride: 1, pad: 'same' },
  { told: '2x2, stride 2, same padding, odd sides', image: [1, 5, 5, 4], size: 2, stride: 2, pad: 'same' },
] as const;

const pooled = WINDOWS.flatMap(({ told, image, size, stride, pad }) => {
  const max = (x: tf.Tensor) => tf.maxPool(x as Images, size, stride, pad);
  const mean = (x: tf.Tensor) => tf.avgPool(x as Images, size, stride, pad);
  return [
    values(
      `the maximum of windows of ${told} is right`,
      (draw) => [draw.normal(image)],
      (x) => max(x!),
    ),
    values(
      `the mean of windows of ${told} is right`,
      (draw) => [draw.normal(image)],
      (x) => mean(x!),
    ),
    gradients(
      `the maximum of windows of ${told} sends its gradient to the largest pixel`,
      (draw) => [draw.spaced(image)],
      (x) => max(x!),
    ),
    gradients(
      `the maximum of windows of ${told} sends its gradient on where all pixels are negative`,
      (draw) => [tf.sub(draw.spaced(image), 40)],
      (x) => max(x!),
    ),
  ];
});

export const pooling = group('pooling', [
  ...pooled,
  values(
    'the gradient of a maximum among equals goes to the first of them',
    () => [],
    () => {
      const image = tf.tensor4d([-1, -1, -2, -3, -1, -1, -3, -3, 0, 0, 5, 5, 0, 0, 4, 5], [1, 4, 4, 1]);
      return tf.grad((x) => tf.maxPool(x as Images, 2, 2, 'valid'))(image);
    },
  ),
  values(
    'the gradient of a maximum among zeros goes to the first of them',
    () => [],
    () => tf.grad((x) => tf.maxPool(x as Images, 2, 2, 'valid'))(tf.zeros([1, 4, 4, 2])),
  ),
  ...[
    { size: 2, stride: 2 },
    { size: 3, stride: 1 },
    { size: 3, stride: 2 },
  ].map(({ size, stride }) =>
    gradients(
      `the mean of windows of ${size}x${size}, stride ${stride}, valid padding, spreads its gradient over the window`,
      (draw) => [draw.normal([2, 7, 8, 3])],
      (x) => tf.avgPool(x as Images, size, stride, 'valid'),
    ),
  ),
  gradients(
    'the mean over all places of an image spreads its gradient',
    (draw) => [draw.normal([3, 4, 5, 6])],
    (x) => tf.mean(x!, [1, 2]),
  ),
  gradients(
    'the maximum over all places of an image sends its gradient to one place',
    (draw) => [draw.spaced([2, 3, 4, 3])],
    (x) => tf.max(x!, [1, 2]),
  ),
  values(
    'an image enlarged by nearest pixels is right',
    (draw) => [draw.normal([2, 3, 4, 3])],
    (x) => tf.image.resizeNearestNeighbor(x as Images, [6, 8]),
  ),
  gradients(
    'an image by itself enlarged by nearest pixels gathers gradients from the copies',
    (draw) => [draw.normal([1, 3, 4, 3])],
    (x) => tf.image.resizeNearestNeighbor(x as Images, [6, 8]),
  ),
  values(
    'an image enlarged bilinearly is right',
    (draw) => [draw.normal([2, 3, 4, 3])],
    (x) => tf.image.resizeBilinear(x as Images, [6, 8]),
  ),
]);
