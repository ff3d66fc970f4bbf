/** Small networks written as a user of tensorflow.js would: inputs and weights in, outputs out. */
import * as tf from '@tensorflow/tfjs';

type Images = tf.Tensor4D;
type Weights = readonly tf.Tensor[];

/** Scaled dot-product attention of `[rows, places, width]`, `heads` side by side; `mask` is added to the scores. */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, heads: number, mask?: tf.Tensor): tf.Tensor {
  const [rows, places, width] = q.shape as [number, number, number];
  const split = (x: tf.Tensor) =>
    tf.transpose(tf.reshape(x, [rows, places, heads, width / heads]), [0, 2, 1, 3]);
  const scores = tf.mul(tf.matMul(split(q), split(k), false, true), 1 / Math.sqrt(width / heads));
  const shares = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  return tf.reshape(tf.transpose(tf.matMul(shares, split(v)), [0, 2, 1, 3]), [rows, places, width]);
}

function dense(x: tf.Tensor, w: tf.Tensor): tf.Tensor {
  const wide = x.shape.slice(0, -1);
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, w.shape[0]!]), w), [...wide, w.shape[1]!]);
}

export const gelu = (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gamma), beta);
}

/** A pre-norm transformer block. Weights: queries-keys-values, output, gamma, beta, up, down. */
export function block(x: tf.Tensor, weights: Weights, heads: number): tf.Tensor {
  const [qkv, out, gamma, beta, up, down] = weights as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const [q, k, v] = tf.split(dense(layerNorm(x, gamma, beta), qkv), 3, 2) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const mixed = tf.add(x, dense(attend(q, k, v, heads), out));
  return tf.add(mixed, dense(gelu(dense(layerNorm(mixed, gamma, beta), up)), down));
}

/** Three dense layers with relu. Weights: w, b three times. */
export function mlp(x: tf.Tensor, weights: Weights): tf.Tensor {
  let h = x;
  for (let i = 0; i < weights.length; i += 2) {
    const z = tf.add(tf.matMul(h, weights[i]!), weights[i + 1]!);
    h = i + 2 < weights.length ? tf.relu(z) : z;
  }
  return h;
}

/** Convolution, pool, convolution, pool, dense. Weights: filter, bias, filter, bias, w, b. */
export function cnn(x: tf.Tensor, weights: Weights): tf.Tensor {
  let h = x;
  for (const i of [0, 2]) {
    const z = tf.add(tf.conv2d(h as Images, weights[i] as Images, 1, 'same'), weights[i + 1]!);
    h = tf.maxPool(tf.relu(z) as Images, 2, 2, 'valid');
  }
  return tf.add(tf.matMul(tf.reshape(h, [x.shape[0]!, -1]), weights[4]!), weights[5]!);
}

/** A residual image block: 3x3, batch norm of the batch itself, relu, depthwise, 1x1, gate, added back, mean, dense. */
export function residual(x: tf.Tensor, weights: Weights): tf.Tensor {
  const [first, gamma, beta, depth, point, gate, head] = weights as tf.Tensor[];
  const z = tf.conv2d(x as Images, first as Images, 1, 'same');
  const { mean, variance } = tf.moments(z, [0, 1, 2], true);
  const unit = tf.mul(tf.sub(z, mean), tf.rsqrt(tf.add(variance, 1e-3)));
  const h = tf.relu(tf.add(tf.mul(unit, gamma!), beta!));
  const wide = tf.conv2d(
    tf.depthwiseConv2d(h as Images, depth as Images, 1, 'same'),
    point as Images,
    1,
    'same',
  );
  const [rows, , , channels] = wide.shape;
  const open = tf.sigmoid(tf.matMul(tf.mean(wide, [1, 2]), gate!));
  const gated = tf.mul(wide, tf.reshape(open, [rows, 1, 1, channels]));
  return tf.matMul(tf.mean(tf.add(h, gated), [1, 2]), head!);
}
