/** Training as people write it over tensorflow.js: variables, a loss, an optimiser, and nothing of ours. */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '../../contracts/index.ts';
import { batchOf, MODELS, type ModelName } from './models.ts';

const RATE = 0.01;

/** @returns a step that answers when its loss has been read */
export function plainLoop(model: ModelName, optimizer: 'sgd' | 'adam'): () => Promise<number> {
  const { host, rows } = MODELS[model];
  const { inputs, targets } = batchOf(MODELS[model]);
  const x = tf.tensor(inputs, [rows, ...(host.inputShape ?? [host.inputs])] as number[]);
  const y = tf.tensor2d(targets, [rows, targets.length / rows]);
  const forward = model === 'c' ? seeing() : dense(model === 's' ? [64, 64, 10] : [784, 256, 128, 10]);
  const rule = optimizer === 'sgd' ? tf.train.sgd(RATE) : tf.train.adam(RATE);
  return async () => {
    const loss = rule.minimize(
      () => tf.losses.softmaxCrossEntropy(y, forward(x)) as tf.Scalar,
      true,
    ) as tf.Scalar;
    const [value] = await loss.data();
    loss.dispose();
    return value as number;
  };
}

function dense(widths: readonly number[]): (x: tf.Tensor) => tf.Tensor2D {
  const layers = widths.slice(1).map((units, i) => weights([widths[i] as number, units]));
  return (x) =>
    layers.reduce((h, { w, b }, i) => {
      const z = tf.add(tf.matMul(h, w as tf.Tensor2D), b);
      return (i < layers.length - 1 ? tf.relu(z) : z) as tf.Tensor2D;
    }, x as tf.Tensor2D);
}

function seeing(): (x: tf.Tensor) => tf.Tensor2D {
  const convs = [weights([3, 3, 1, 8]), weights([3, 3, 8, 16])];
  const head = weights([784, 10]);
  return (x) => {
    const seen = convs.reduce((h, { w, b }) => {
      const z = tf.relu(tf.add(tf.conv2d(h, w as tf.Tensor4D, 1, 'same'), b));
      return tf.maxPool(z as tf.Tensor4D, 2, 2, 'valid');
    }, x as tf.Tensor4D);
    const flat = seen.reshape([-1, 784]) as tf.Tensor2D;
    return tf.add(tf.matMul(flat, head.w as tf.Tensor2D), head.b) as tf.Tensor2D;
  };
}

/** He start; the last axis is that of the bias. */
function weights(shape: readonly number[]) {
  const random = randomStream(`bench/${shape.join('x')}`);
  const size = shape.reduce((product, side) => product * side, 1);
  const units = shape.at(-1) as number;
  const deviation = Math.sqrt((2 * units) / size);
  const data = Float32Array.from({ length: size }, () => deviation * random.normal());
  return { w: tf.variable(tf.tensor(data, [...shape])), b: tf.variable(tf.zeros([units])) };
}
