/** What the smoke check asks: small whole numbers go in, so that even a product in low precision has one right answer. */

import type { TensorRuntime } from '../runtime.ts';
import * as tf from './tensorflow.ts';

export interface Question {
  readonly name: string;
  readonly expected: readonly number[];
  /** @returns float32, in the order of `expected`; the caller disposes it */
  ask(runtime: TensorRuntime): tf.Tensor;
}

const LONG = 100;
/** -3 to 3, again and again. */
const steps = (size: number, stride: number) =>
  Array.from({ length: size }, (_, i) => ((i * stride) % 7) - 3);
const LEFT = steps(LONG * 2, 1);
const RIGHT = steps(LONG * 3, 3);
const BIAS = [2, -300, 5];

/** `LEFT` [100, 2], transposed, by `RIGHT` [100, 3]. */
const PRODUCT = Array.from({ length: 6 }, (_, at) =>
  Array.from({ length: LONG }, (_, k) => LEFT[k * 2 + Math.floor(at / 3)]! * RIGHT[k * 3 + (at % 3)]!).reduce(
    (sum, term) => sum + term,
  ),
);
const BIASED = PRODUCT.map((value, i) => Math.max(0, value + BIAS[i % 3]!));

const SIGNS = [-1, 0, 2, -3];
const FALLING = Array.from({ length: 16 }, (_, i) => -1 - i);
/** A 3x3 image, a 2x2 filter, and what they make with valid padding. */
const IMAGE = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const FILTER = [1, 2, 3, 4];
const CONVOLVED = [37, 47, 67, 77];
const TO_FILTER = [12, 16, 24, 28];
const TO_IMAGE = [1, 3, 2, 4, 10, 6, 3, 7, 4];
/** A second channel beside it: an image of twos under a filter of ones. */
const beside = (first: readonly number[], second: readonly number[]) =>
  first.flatMap((value, i) => [value, second[i]!]);
const TWOS = beside(IMAGE, Array(9).fill(2));
const WITH_ONES = beside(FILTER, Array(4).fill(1));

type Images = tf.Tensor4D;
type Asked = (upload: (values: readonly number[], shape: readonly number[]) => tf.Tensor) => tf.Tensor;

const question = (name: string, expected: readonly number[], asked: Asked): Question => ({
  name,
  expected,
  ask: (runtime) => asked((values, shape) => runtime.upload(Float32Array.from(values), shape)),
});

type Upload = Parameters<Asked>[0];
const signs = (upload: Upload) => upload(SIGNS, [2, 2]);
const tall = (upload: Upload) => [upload(LEFT, [LONG, 2]), upload(RIGHT, [LONG, 3])] as const;
const falling = (upload: Upload) => upload(FALLING, [1, 4, 4, 1]);
const image = (upload: Upload) => upload(IMAGE, [1, 3, 3, 1]) as Images;
const filter = (upload: Upload) => upload(FILTER, [2, 2, 1, 1]) as Images;
const twos = (upload: Upload) => upload(TWOS, [1, 3, 3, 2]) as Images;
const withOnes = (upload: Upload) => upload(WITH_ONES, [2, 2, 2, 1]) as Images;

const PRODUCTS = [
  question('transposed product of 100 rows', PRODUCT, (upload) => tf.matMul(...tall(upload), true)),
  question('transposed product with bias and relu inside', BIASED, (upload) => {
    const [a, b] = tall(upload) as readonly [tf.Tensor2D, tf.Tensor2D];
    return tf.fused.matMul({ a, b, transposeA: true, bias: upload(BIAS, [3]), activation: 'relu' });
  }),
  question('product with the right side transposed', [1, 2, 2, 13], (upload) =>
    tf.matMul(signs(upload), signs(upload), false, true).add(upload([0, 4, 4, 0], [2, 2])),
  ),
  question('gradient of a product', [3, -1, 3, -1], (upload) => {
    const w = upload([1, 2, 0, -1], [2, 2]);
    return tf.grad((x) => tf.matMul(x, w))(signs(upload));
  }),
];

const CONVOLUTIONS = [
  question('convolution', CONVOLVED, (upload) => tf.conv2d(image(upload), filter(upload), 1, 'valid')),
  question('gradient of a convolution by its filter', TO_FILTER, (upload) => {
    const x = image(upload);
    return tf.grad((f) => tf.conv2d(x, f as Images, 1, 'valid'))(filter(upload));
  }),
  question('gradient of a convolution by its image', TO_IMAGE, (upload) => {
    const f = filter(upload);
    return tf.grad((x) => tf.conv2d(x as Images, f, 1, 'valid'))(image(upload));
  }),
  question('depthwise convolution', beside(CONVOLVED, [8, 8, 8, 8]), (upload) =>
    tf.depthwiseConv2d(twos(upload), withOnes(upload), 1, 'valid'),
  ),
  question('gradient of a depthwise convolution by its filter', beside(TO_FILTER, [8, 8, 8, 8]), (upload) => {
    const x = twos(upload);
    return tf.grad((f) => tf.depthwiseConv2d(x, f as Images, 1, 'valid'))(withOnes(upload));
  }),
  question(
    'gradient of a depthwise convolution by its image',
    beside(TO_IMAGE, [1, 2, 1, 2, 4, 2, 1, 2, 1]),
    (upload) => {
      const f = withOnes(upload);
      return tf.grad((x) => tf.depthwiseConv2d(x as Images, f, 1, 'valid'))(twos(upload));
    },
  ),
  question('largest of windows', [-1, -3, -9, -11], (upload) =>
    tf.maxPool(falling(upload) as Images, 2, 2, 'valid'),
  ),
  question(
    'gradient of the largest of windows below zero',
    FALLING.map((value) => ([-1, -3, -9, -11].includes(value) ? 1 : 0)),
    (upload) => tf.grad((x) => tf.maxPool(x as Images, 2, 2, 'valid'))(falling(upload)),
  ),
  question('gradient of the mean of windows', Array(16).fill(0.25), (upload) =>
    tf.grad((x) => tf.avgPool(x as Images, 2, 2, 'valid'))(falling(upload)),
  ),
];

const LOGITS = [0, Math.log(3), Math.log(4), Math.log(4)];

const ELEMENTS = [
  question('bias by broadcast', [0, 2, 3, -1], (upload) => tf.add(signs(upload), upload([1, 2], [2]))),
  question('gradient of a broadcast bias', [2, 2], (upload) => {
    const x = signs(upload);
    return tf.grad((b) => tf.add(x, b))(upload([1, 2], [2]));
  }),
  question('relu and its gradient', [0, 0, 2, 0, 0, 0, 1, 0], (upload) =>
    tf.concat([tf.relu(signs(upload)), tf.grad((x) => tf.relu(x))(signs(upload))]),
  ),
  question('step', [0, 0, 1, 0], (upload) => tf.step(signs(upload))),
  question('tanh', SIGNS.map(Math.tanh), (upload) => tf.tanh(signs(upload))),
  question(
    'sigmoid',
    SIGNS.map((x) => 1 / (1 + Math.exp(-x))),
    (upload) => tf.sigmoid(signs(upload)),
  ),
  question('soft-max', [0.25, 0.75, 0.5, 0.5], (upload) => tf.softmax(upload(LOGITS, [2, 2]))),
  question('gradient of a log of a soft-max', [0.75, -0.75, 0.5, -0.5], (upload) => {
    const first = upload([1, 0, 1, 0], [2, 2]);
    return tf.grad((x) => tf.mul(tf.logSoftmax(x), first))(upload(LOGITS, [2, 2]));
  }),
  question('step of an optimiser', [1, 0, 2, -1], (upload) =>
    tf.div(upload([1, 0, 6, -4], [4]), tf.add(tf.sqrt(upload([0, 1, 4, 9], [4])), 1)),
  ),
];

const SHAPES = [
  question('sums over rows, over columns and over all', [1, -3, -1, -1, -2], (upload) =>
    tf.concat([tf.sum(signs(upload), 0), tf.sum(signs(upload), 1), tf.reshape(tf.sum(signs(upload)), [1])]),
  ),
  question('mean and variance', [0.5, -1.5, 2.25, 2.25], (upload) => {
    const { mean, variance } = tf.moments(signs(upload), 0);
    return tf.concat([mean, variance]);
  }),
  question('place of the largest', [1, 0], (upload) => tf.cast(tf.argMax(signs(upload), 1), 'float32')),
  question('concat of columns', [-1, 0, -1, 0, 2, -3, 2, -3], (upload) =>
    tf.concat([signs(upload), signs(upload)], 1),
  ),
  question('slice and its gradient', [0, -3, 0, 1, 0, 1], (upload) => {
    const cut = (x: tf.Tensor) => tf.slice(x, [0, 1], [2, 1]);
    return tf.concat([tf.reshape(cut(signs(upload)), [2]), tf.reshape(tf.grad(cut)(signs(upload)), [4])]);
  }),
  question('sides turned', [-1, 2, 0, -3], (upload) => tf.transpose(signs(upload))),
  question('gradient of rows taken twice', [1, 1, 0, 0, 2, 2], (upload) =>
    tf.grad((x) => tf.gather(x, tf.tensor1d([0, 2, 2], 'int32')))(upload([1, 2, 3, 4, 5, 6], [3, 2])),
  ),
  question('shared clone', SIGNS, (upload) => tf.clone(signs(upload))),
];

export const QUESTIONS: readonly Question[] = [...PRODUCTS, ...CONVOLUTIONS, ...ELEMENTS, ...SHAPES];
