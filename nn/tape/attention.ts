/** Scaled dot-product attention on tensors, with a hand-made gradient. */
import * as tf from '../adapters/tensorflow.ts';

export interface Attended {
  readonly tensor: tf.Tensor;
  back(g: tf.Tensor): { readonly q: tf.Tensor; readonly k: tf.Tensor; readonly v: tf.Tensor };
}

/**
 * q, k, v `[rows, places, width]`, `heads` shares of the width side by side.
 * @see Vaswani et al., "Attention is all you need", 2017
 */
export function attention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, heads: number): Attended {
  const [rows, places, width] = q.shape as [number, number, number];
  const depth = width / heads;
  const scale = 1 / Math.sqrt(depth);
  const split = (t: tf.Tensor) =>
    tf.transpose(tf.reshape(t, [rows, t.shape[1]!, heads, depth]), [0, 2, 1, 3]);
  const join = (t: tf.Tensor) => tf.reshape(tf.transpose(t, [0, 2, 1, 3]), [rows, t.shape[2]!, width]);
  const turned = (t: tf.Tensor) => tf.transpose(t, [0, 1, 3, 2]);
  const [qh, kh, vh] = [split(q), split(k), split(v)];
  const weights = tf.softmax(tf.mul(tf.matMul(qh, turned(kh)), scale));
  const back = (g: tf.Tensor) => {
    const gh = tf.transpose(tf.reshape(g, [rows, places, heads, depth]), [0, 2, 1, 3]);
    const slope = tf.matMul(gh, turned(vh));
    const mean = tf.sum(tf.mul(slope, weights), 3, true);
    const scores = tf.mul(tf.mul(weights, tf.sub(slope, mean)), scale);
    return {
      q: join(tf.matMul(scores, kh)),
      k: join(tf.matMul(turned(scores), qh)),
      v: join(tf.matMul(turned(weights), gh)),
    };
  };
  return { tensor: join(tf.matMul(weights, vh)), back };
}
