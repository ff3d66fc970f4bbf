/** New weights from gradients, worked out where they live: the same rules as in the optimiser, as tensors. */

import type { OptimizerConfig } from '../../contracts/run-config.ts';
import * as tf from '../adapters/tensorflow.ts';
import type { Parameter } from '../parameter.ts';
import type { Corrections } from './ages.ts';
import { sumOf } from './sums.ts';

/** New tensors for one parameter, not yet written anywhere. They belong to the caller's scope. */
export interface DeviceUpdate {
  readonly value: tf.Tensor;
  readonly moments: readonly tf.Tensor[];
}

export interface Push {
  readonly gradient: tf.Tensor;
  readonly rate: number;
  /** Gradient factor: clipping (a scalar on the device) times gain. */
  readonly scale: tf.Tensor;
  /** Read by Adam only. */
  readonly corrections: () => Corrections;
}

export function updateOnDevice(config: OptimizerConfig, parameter: Parameter, push: Push): DeviceUpdate {
  // Biases are offsets, not slopes: decaying them buys no smoothness.
  const decay = parameter.shape.length > 1 ? config.weightDecay : 0;
  const scaled = tf.mul(push.gradient, push.scale);
  switch (config.name) {
    case 'sgd': {
      const slope = decayed(scaled, parameter.value, decay);
      return { value: tf.sub(parameter.value, tf.mul(slope, push.rate)), moments: [] };
    }
    case 'momentum': {
      const slope = decayed(scaled, parameter.value, decay);
      const speed = tf.add(tf.mul(parameter.moments[0]!, config.momentum), slope);
      return { value: tf.sub(parameter.value, tf.mul(speed, push.rate)), moments: [speed] };
    }
    case 'adam':
      return adam(config, parameter, decayed(scaled, parameter.value, decay), push, 1);
    case 'adamw':
      return adam(config, parameter, scaled, push, 1 - push.rate * decay);
  }
}

/** @see Kingma and Ba, "Adam", 2015; decoupled decay: Loshchilov and Hutter, 2019 */
function adam(
  { beta1, beta2, epsilon }: OptimizerConfig,
  { value, moments }: Parameter,
  slope: tf.Tensor,
  { rate, corrections }: Push,
  shrink: number,
): DeviceUpdate {
  const { first, second } = corrections();
  const m = tf.add(tf.mul(moments[0]!, beta1), tf.mul(slope, 1 - beta1));
  const v = tf.add(tf.mul(moments[1]!, beta2), tf.mul(tf.square(slope), 1 - beta2));
  const spread = tf.add(tf.sqrt(tf.mul(v, second)), epsilon);
  const stride = tf.div(tf.mul(tf.mul(m, rate), first), spread);
  const kept = shrink === 1 ? value : tf.mul(value, shrink);
  return { value: tf.sub(kept, stride), moments: [m, v] };
}

const decayed = (slope: tf.Tensor, value: tf.Tensor, decay: number) =>
  decay === 0 ? slope : tf.add(slope, tf.mul(value, decay));

/** A scalar that is finite only if every new number is: sums of absolute values cannot cancel. */
export function soundness({ value, moments }: DeviceUpdate): tf.Tensor {
  return sumOf([value, ...moments].map((tensor) => tf.sum(tf.abs(tensor))));
}
