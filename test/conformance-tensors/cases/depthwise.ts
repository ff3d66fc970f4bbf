/** Depthwise convolutions: each channel by itself, with and without several filters a channel. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

type Images = tf.Tensor4D;

const SHAPES = [
  { told: '3x3, same padding', image: [2, 8, 8, 5], filter: [3, 3, 5, 1], strides: 1, pad: 'same' },
  { told: '3x3, valid padding', image: [2, 7, 6, 5], filter: [3, 3, 5, 1], strides: 1, pad: 'valid' },
  {
    told: '3x3, stride 2, same padding, odd sides',
    image: [2, 9, 7, 4],
    filter: [3, 3, 4, 1],
    strides: 2,
    pad: 'same',
  },
  {
    told: '3x3, stride 2, valid padding',
    image: [2, 8, 8, 4],
    filter: [3, 3, 4, 1],
    strides: 2,
    pad: 'valid',
  },
  {
    told: '3x3, two filters a channel',
    image: [2, 6, 6, 3],
    filter: [3, 3, 3, 2],
    strides: 1,
    pad: 'same',
  },
  {
    told: '3x3, two filters a channel, stride 2',
    image: [2, 7, 7, 3],
    filter: [3, 3, 3, 2],
    strides: 2,
    pad: 'same',
  },
  { told: '5x5, 17 channels', image: [1, 7, 7, 17], filter: [5, 5, 17, 1], strides: 1, pad: 'same' },
] as const;

export const depthwise = group('depthwise convolutions', [
  ...SHAPES.flatMap(({ told, image, filter, strides, pad }) => [
    values(
      `a depthwise convolution of ${told} is right`,
      (draw) => [draw.normal(image), draw.normal(filter)],
      (x, f) => tf.depthwiseConv2d(x as Images, f as Images, strides, pad),
    ),
    gradients(
      `a depthwise convolution of ${told} sends gradients to pixels and filter`,
      (draw) => [draw.normal(image), draw.normal(filter)],
      (x, f) => tf.depthwiseConv2d(x as Images, f as Images, strides, pad),
    ),
  ]),
  values(
    'a depthwise convolution dilated by 2 is right',
    (draw) => [draw.normal([2, 9, 9, 3]), draw.normal([3, 3, 3, 1])],
    (x, f) => tf.depthwiseConv2d(x as Images, f as Images, 1, 'same', 'NHWC', 2),
  ),
  values(
    'a depthwise convolution with bias and relu inside equals the three done in turn',
    (draw) => [draw.normal([2, 6, 6, 4]), draw.normal([3, 3, 4, 1]), draw.normal([4])],
    (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        x: x as Images,
        filter: filter as Images,
        strides: 1,
        pad: 'same',
        bias: bias!,
        activation: 'relu',
      }),
  ),
  gradients(
    'a depthwise and a 1x1 convolution in turn send gradients to both filters',
    (draw) => [draw.normal([2, 6, 6, 4]), draw.normal([3, 3, 4, 1]), draw.normal([1, 1, 4, 6])],
    (x, depth, point) => tf.separableConv2d(x as Images, depth as Images, point as Images, 1, 'same'),
  ),
]);
