/** Activations on tensors, and their derivatives. */

import type { Activation } from '../../contracts/blueprint.ts';
import * as tf from '../adapters/tensorflow.ts';

type Curved = Exclude<Activation, 'linear'>;

export function activated(z: tf.Tensor, activation: Curved): tf.Tensor {
  switch (activation) {
    case 'relu':
      return tf.relu(z);
    case 'tanh':
      return tf.tanh(z);
    case 'sigmoid':
      return tf.sigmoid(z);
    case 'gaussian':
      return tf.exp(tf.neg(tf.mul(z, z)));
  }
}

/** `g` times the derivative at z, where y is the value there. */
export function backThrough(g: tf.Tensor, z: tf.Tensor, y: tf.Tensor, activation: Curved): tf.Tensor {
  switch (activation) {
    case 'relu':
      return tf.mul(g, tf.step(y));
    case 'tanh':
      return tf.sub(g, tf.mul(tf.mul(g, y), y));
    case 'sigmoid':
      return tf.mul(g, tf.sub(y, tf.mul(y, y)));
    case 'gaussian':
      return tf.mul(tf.mul(g, y), tf.mul(z, -2));
  }
}
