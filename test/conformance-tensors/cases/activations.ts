/** Activations: values on both sides of every kink, and gradients. */
import * as tf from '@tensorflow/tfjs';
import { type Case, gradients, group, values } from '../case.ts';

type One = (x: tf.Tensor) => tf.Tensor;

const ACTIVATIONS: Readonly<Record<string, One>> = {
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softplus: tf.softplus,
  'leaky relu': (x) => tf.leakyRelu(x, 0.1),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  'gelu by erf': (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  'gelu by tanh': (x) => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  'a Gaussian': (x) => tf.exp(tf.neg(tf.square(x))),
};

/** Elementwise functions that losses, norms and optimisers are made of, for positive numbers. */
const SMOOTH: Readonly<Record<string, One>> = {
  exp: tf.exp,
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  square: tf.square,
  reciprocal: tf.reciprocal,
  sin: tf.sin,
  cos: tf.cos,
  'pow 1.7': (x) => tf.pow(x, 1.7),
};

/** 37 numbers: no vector register divides them. */
const each = (
  functions: Readonly<Record<string, One>>,
  input: 'spaced' | 'positive',
): ReadonlyArray<Omit<Case, 'group'>> =>
  Object.entries(functions).flatMap(([name, f]) => [
    values(
      `${name} is right`,
      (draw) => [draw[input]([37])],
      (x) => f(x!),
    ),
    gradients(
      `${name} sends its gradient back`,
      (draw) => [draw[input]([37])],
      (x) => f(x!),
    ),
  ]);

export const activations = group('activations', [
  ...each(ACTIVATIONS, 'spaced'),
  ...each(SMOOTH, 'positive'),
  gradients(
    'prelu sends gradients to its input and to a slope for each channel',
    (draw) => [draw.spaced([2, 3, 3, 4]), draw.normal([4])],
    (x, slope) => tf.prelu(x!, slope!),
  ),
  gradients(
    'the absolute value sends its gradient back',
    (draw) => [draw.spaced([30])],
    (x) => tf.abs(x!),
  ),
  gradients(
    'clipping stops the gradient outside and lets it through inside',
    (draw) => [draw.spaced([40])],
    (x) => tf.clipByValue(x!, -0.52, 0.73),
  ),
  values(
    'the gradient of relu is 0 at 0',
    () => [],
    () => tf.grad((x) => tf.relu(x))(tf.tensor1d([-1, -0, 0, 2])),
  ),
  values(
    'activations of far numbers stay finite',
    () => [],
    () => {
      const far = tf.tensor1d([-100, -40, 40, 80]);
      return [tf.sigmoid(far), tf.tanh(far), tf.softplus(far), tf.elu(far), tf.softmax(far)];
    },
  ),
]);
