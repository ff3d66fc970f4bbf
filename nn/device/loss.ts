/** What the outputs are worth, worked out where they live: the same losses as in the loss head, as tensors. */
import * as tf from '../adapters/tensorflow.ts';
import type { LossName } from '../loss-head.ts';

/** A scalar, and its gradient of the outputs' shape. Both belong to the caller's scope. */
export interface DeviceLoss {
  readonly loss: tf.Tensor;
  readonly gradient: tf.Tensor;
}

/** @param outputs `[rows, width]`; `targets` likewise */
export function lossOnDevice(loss: LossName, outputs: tf.Tensor, targets: tf.Tensor): DeviceLoss {
  return loss === 'mse' ? meanSquare(outputs, targets) : crossEntropy(outputs, targets);
}

function meanSquare(outputs: tf.Tensor, targets: tf.Tensor): DeviceLoss {
  const off = tf.sub(outputs, targets);
  return { loss: tf.mean(tf.square(off)), gradient: tf.mul(off, 2 / outputs.size) };
}

/** Relative to the largest logit, so that no finite logit overflows. */
function crossEntropy(outputs: tf.Tensor, targets: tf.Tensor): DeviceLoss {
  const rows = outputs.shape[0]!;
  const below = tf.sub(outputs, tf.max(outputs, 1, true));
  const logShare = tf.sub(below, tf.log(tf.sum(tf.exp(below), 1, true)));
  // A target of 0 must not turn an infinite logit into 0 * infinity.
  const asked = tf.notEqual(targets, 0);
  const parts = tf.where(asked, tf.mul(targets, logShare), tf.zerosLike(targets));
  return {
    loss: tf.div(tf.neg(tf.sum(parts)), rows),
    gradient: tf.div(tf.sub(tf.exp(logShare), targets), rows),
  };
}
