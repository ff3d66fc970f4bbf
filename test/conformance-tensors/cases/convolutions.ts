/** Convolutions over images: sizes, strides, paddings and dilations, forward and back to pixels and filters. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

type Images = tf.Tensor4D;
type Pad = 'same' | 'valid';

interface Shape {
  readonly told: string;
  readonly image: readonly number[];
  readonly filter: readonly number[];
  readonly strides: number | [number, number];
  readonly pad: Pad | number;
  readonly dilation?: number;
}

const SHAPES: readonly Shape[] = [
  { told: '3x3, same padding', image: [2, 8, 8, 3], filter: [3, 3, 3, 4], strides: 1, pad: 'same' },
  { told: '3x3, valid padding', image: [2, 7, 6, 3], filter: [3, 3, 3, 5], strides: 1, pad: 'valid' },
  { told: '1x1', image: [2, 5, 6, 7], filter: [1, 1, 7, 9], strides: 1, pad: 'same' },
  { told: '1x1 with stride 2', image: [2, 6, 6, 4], filter: [1, 1, 4, 6], strides: 2, pad: 'same' },
  {
    told: '3x3, stride 2, same padding, odd sides',
    image: [2, 9, 7, 3],
    filter: [3, 3, 3, 4],
    strides: 2,
    pad: 'same',
  },
  {
    told: '3x3, stride 2, valid padding',
    image: [2, 9, 9, 3],
    filter: [3, 3, 3, 4],
    strides: 2,
    pad: 'valid',
  },
  { told: '5x3, uneven', image: [1, 9, 8, 2], filter: [5, 3, 2, 3], strides: [2, 1], pad: 'same' },
  { told: '2x2, same padding', image: [2, 5, 5, 2], filter: [2, 2, 2, 3], strides: 1, pad: 'same' },
  {
    told: '3x3 padded by 2 on every side',
    image: [1, 5, 5, 2],
    filter: [3, 3, 2, 3],
    strides: 1,
    pad: 2,
  },
  {
    told: '7x7, stride 2, one channel in',
    image: [2, 12, 12, 1],
    filter: [7, 7, 1, 8],
    strides: 2,
    pad: 'same',
  },
  {
    told: '3x3, 40 channels in, 24 out',
    image: [1, 6, 6, 40],
    filter: [3, 3, 40, 24],
    strides: 1,
    pad: 'same',
  },
];

const DILATED: Shape = {
  told: '3x3, dilated by 2',
  image: [2, 9, 9, 3],
  filter: [3, 3, 3, 4],
  strides: 1,
  pad: 'same',
  dilation: 2,
};

const conv = (x: tf.Tensor, f: tf.Tensor, { strides, pad, dilation }: Shape) =>
  tf.conv2d(x as Images, f as Images, strides, pad, 'NHWC', dilation ?? 1);

type Fused = Parameters<typeof tf.fused.conv2d>[0];
const fused = (x: tf.Tensor, filter: tf.Tensor, rest: Omit<Fused, 'x' | 'filter' | 'strides' | 'pad'>) =>
  tf.fused.conv2d({ x: x as Images, filter: filter as Images, strides: 1, pad: 'same', ...rest });

export const convolutions = group('convolutions', [
  ...[...SHAPES, DILATED].map((shape) =>
    values(
      `a convolution of ${shape.told} is right`,
      (draw) => [draw.normal(shape.image), draw.normal(shape.filter)],
      (x, f) => conv(x!, f!, shape),
    ),
  ),
  ...SHAPES.map((shape) =>
    gradients(
      `a convolution of ${shape.told} sends gradients to pixels and filter`,
      (draw) => [draw.normal(shape.image), draw.normal(shape.filter)],
      (x, f) => conv(x!, f!, shape),
    ),
  ),
  ...(['relu', 'relu6', 'elu', 'sigmoid'] as const).map((activation) =>
    values(
      `a convolution with a bias and ${activation} inside equals the three done in turn`,
      (draw) => [draw.normal([2, 6, 6, 3]), draw.normal([3, 3, 3, 4]), draw.normal([4])],
      (x, f, bias) => fused(x!, f!, { bias: bias!, activation }),
    ),
  ),
  gradients(
    'a convolution with bias and relu inside sends gradients to pixels, filter and bias',
    (draw) => [draw.normal([2, 6, 6, 3]), draw.normal([3, 3, 3, 4]), draw.normal([4])],
    (x, f, bias) => fused(x!, f!, { bias: bias!, activation: 'relu' }),
  ),
  gradients(
    'a convolution whose filter does not learn still sends a gradient to the pixels',
    (draw) => [draw.normal([2, 8, 8, 3])],
    (x) => tf.conv2d(x as Images, tf.fill([3, 3, 3, 4], 0.25) as Images, 1, 'same'),
  ),
  gradients(
    'a transposed convolution sends gradients to pixels and filter',
    (draw) => [draw.normal([2, 4, 4, 3]), draw.normal([3, 3, 5, 3])],
    (x, f) => tf.conv2dTranspose(x as Images, f as Images, [2, 8, 8, 5], 2, 'same'),
  ),
  gradients(
    'a convolution over sequences sends gradients to places and filter',
    (draw) => [draw.normal([2, 9, 4]), draw.normal([3, 4, 5])],
    (x, f) => tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, 1, 'same'),
  ),
]);
