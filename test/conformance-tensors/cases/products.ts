/** Matrix products: every transposition, batches, biases and activations inside, long inner sides. */
import * as tf from '@tensorflow/tfjs';
import { gradients, group, values } from '../case.ts';

const WAYS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

const told = ([a, b]: readonly [boolean, boolean]) =>
  a && b ? 'both transposed' : a ? 'the left transposed' : b ? 'the right transposed' : 'as they lie';

/** The two factors of an [m, k] by [k, n] product, as they lie before they are transposed. */
const sides = (m: number, k: number, n: number, [a, b]: readonly [boolean, boolean]) =>
  [a ? [k, m] : [m, k], b ? [n, k] : [k, n]] as const;

type Fused = Parameters<typeof tf.fused.matMul>[0];
const fused = (a: tf.Tensor, b: tf.Tensor, rest: Omit<Fused, 'a' | 'b'>) =>
  tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, ...rest });

const plain = WAYS.flatMap((way) => [
  values(
    `a product of matrices, ${told(way)}, is right at sides that no tile divides`,
    (draw) => sides(13, 37, 11, way).map((shape) => draw.normal(shape)),
    (a, b) => tf.matMul(a!, b!, ...way),
  ),
  gradients(
    `a product of matrices, ${told(way)}, sends gradients to both factors`,
    (draw) => sides(7, 9, 5, way).map((shape) => draw.normal(shape)),
    (a, b) => tf.matMul(a!, b!, ...way),
  ),
]);

const inside = WAYS.flatMap((way) => [
  values(
    `a product over 100 numbers, ${told(way)}, with bias and relu inside, adds the bias once`,
    (draw) => [...sides(9, 100, 12, way).map((shape) => draw.normal(shape)), draw.normal([12], 3)],
    (a, b, bias) =>
      fused(a!, b!, { bias: bias!, activation: 'relu', transposeA: way[0], transposeB: way[1] }),
  ),
  values(
    `a product over 300 numbers, ${told(way)}, with a bias alone inside, adds it once`,
    (draw) => [...sides(5, 300, 7, way).map((shape) => draw.normal(shape)), draw.normal([7], 3)],
    (a, b, bias) => fused(a!, b!, { bias: bias!, transposeA: way[0], transposeB: way[1] }),
  ),
]);

const activated = (['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map((activation) =>
  values(
    `a product with a bias and ${activation} inside equals the three done in turn`,
    (draw) => [draw.normal([6, 10]), draw.normal([10, 9]), draw.normal([9])],
    (a, b, bias) => fused(a!, b!, { bias: bias!, activation, leakyreluAlpha: 0.3 }),
  ),
);

export const products = group('matrix products', [
  ...plain,
  ...inside,
  ...activated,
  values(
    'a product with a bias and prelu inside uses a slope for each column',
    (draw) => [draw.normal([6, 10]), draw.normal([10, 9]), draw.normal([9]), draw.normal([9])],
    (a, b, bias, slopes) =>
      fused(a!, b!, { bias: bias!, activation: 'prelu', preluActivationWeights: slopes! }),
  ),
  gradients(
    'a product with bias and relu inside sends gradients to factors and bias',
    (draw) => [draw.normal([8, 60]), draw.normal([60, 5]), draw.normal([5])],
    (a, b, bias) => fused(a!, b!, { bias: bias!, activation: 'relu' }),
  ),
  values(
    'a row by a column is one number, and a column by a row is a table',
    (draw) => [draw.normal([1, 130]), draw.normal([130, 1])],
    (row, column) => [tf.matMul(row!, column!), tf.matMul(column!, row!)],
  ),
  values(
    'a batch of products is done pair by pair',
    (draw) => [draw.normal([4, 5, 9]), draw.normal([4, 9, 6])],
    (a, b) => tf.matMul(a!, b!),
  ),
  values(
    'one matrix is multiplied with every matrix of a batch',
    (draw) => [draw.normal([3, 5, 70]), draw.normal([1, 6, 70])],
    (a, b) => tf.matMul(a!, b!, false, true),
  ),
  values(
    'a batch of products over 100 numbers with bias and relu inside adds the bias once',
    (draw) => [draw.normal([3, 5, 100]), draw.normal([3, 100, 8]), draw.normal([8], 3)],
    (a, b, bias) => fused(a!, b!, { bias: bias!, activation: 'relu' }),
  ),
  gradients(
    'a batch of products in two leading sides sends gradients to both',
    (draw) => [draw.normal([2, 2, 4, 5]), draw.normal([2, 2, 6, 5])],
    (a, b) => tf.matMul(a!, b!, false, true),
  ),
  gradients(
    'a dense layer over the last side of a sequence sends gradients to the shared weights',
    (draw) => [draw.normal([3, 4, 6]), draw.normal([6, 5])],
    (x, w) => tf.reshape(tf.matMul(tf.reshape(x!, [12, 6]), w!), [3, 4, 5]),
  ),
  values(
    'a large product is right in every corner',
    (draw) => [draw.normal([130, 515]), draw.normal([515, 67])],
    (a, b) => tf.matMul(a!, b!),
  ),
]);
