/** Batch and layer normalisation on tensors, with hand-made gradients. */
import * as tf from '../adapters/tensorflow.ts';
import type { NormKind } from '../ops.ts';
import type { Parameter } from '../parameter.ts';

/** What a batch norm saw: the next running figures, once the step is kept. */
export interface RunningFigures {
  readonly parameter: Parameter;
  readonly next: tf.Tensor;
}

export interface Normalised {
  readonly tensor: tf.Tensor;
  readonly running: readonly RunningFigures[];
  /** Gradients of the input, the gain and the offset; only those asked for. */
  back(g: tf.Tensor, key: 'x' | 'gamma' | 'beta'): tf.Tensor;
}

interface NormInput {
  readonly x: tf.Tensor;
  readonly gamma: tf.Tensor | null;
  readonly beta: tf.Tensor | null;
  readonly mean: Parameter | null;
  readonly variance: Parameter | null;
}

/**
 * `gamma * (x - mean) / sqrt(variance + epsilon) + beta`. A batch norm that trains uses the batch's own figures, one
 * that looks or is frozen the running ones.
 * @see Ioffe and Szegedy, "Batch normalization", 2015; Ba et al., "Layer normalization", 2016
 */
export function normalised(input: NormInput, how: NormKind, training: boolean): Normalised {
  if (!training) return how.kind === 'batch' ? fixed(input, how) : looked(input, how);
  const { x, gamma, beta } = input;
  const axes = how.kind === 'layer' ? [x.rank - 1] : leading(x);
  const mean = tf.mean(x, axes, true);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), axes, true);
  const inverse = tf.rsqrt(tf.add(variance, how.epsilon));
  const unit = tf.mul(centred, inverse);
  const scaled = gamma === null ? unit : tf.mul(unit, gamma);
  const tensor = beta === null ? scaled : tf.add(scaled, beta);
  const back = (g: tf.Tensor, key: 'x' | 'gamma' | 'beta'): tf.Tensor => {
    if (key === 'beta') return tf.sum(g, leading(x));
    if (key === 'gamma') return tf.sum(tf.mul(g, unit), leading(x));
    const slope = gamma === null ? g : tf.mul(g, gamma);
    const along = tf.mul(unit, tf.mean(tf.mul(slope, unit), axes, true));
    return tf.mul(inverse, tf.sub(tf.sub(slope, tf.mean(slope, axes, true)), along));
  };
  const running =
    how.kind === 'batch' ? [next(input.mean, mean, how), next(input.variance, variance, how)] : [];
  return { tensor, running: running.filter((figure) => figure !== null), back };
}

/** A layer norm that looks: step by step as layers of others compute it, so that the same bits come out. */
function looked(input: NormInput, how: NormKind): Normalised {
  const { x, gamma, beta } = input;
  const last = x.rank - 1;
  const { mean, variance } = tf.moments(x, last, true);
  const features = x.shape.map((n, axis) => (axis === last ? n : 1));
  const places = x.shape.map((n, axis) => (axis === last ? 1 : n));
  const spread = (line: tf.Tensor | null) =>
    line === null ? undefined : tf.tile(tf.reshape(line, features), places);
  const [centre, deviation] = [tf.tile(mean, features), tf.tile(variance, features)];
  const tensor = tf.batchNorm(x, centre, deviation, spread(beta), spread(gamma), how.epsilon);
  let again: Normalised | null = null;
  const back: Normalised['back'] = (g, key) => {
    again ??= normalised(input, how, true);
    return again.back(g, key);
  };
  return { tensor, running: [], back };
}

/** A batch norm that looks: a fixed line through each channel. */
function fixed({ x, gamma, beta, mean, variance }: NormInput, { epsilon }: NormKind): Normalised {
  const [centre, spread] = [mean!.value, variance!.value];
  const line = (t: tf.Tensor | null) => (t === null ? undefined : (t as tf.Tensor1D));
  const tensor = tf.batchNorm(x, line(centre)!, line(spread)!, line(beta), line(gamma), epsilon);
  const inverse = tf.rsqrt(tf.add(spread, epsilon));
  const back = (g: tf.Tensor, key: 'x' | 'gamma' | 'beta'): tf.Tensor => {
    if (key === 'beta') return tf.sum(g, leading(x));
    if (key === 'gamma') return tf.sum(tf.mul(g, tf.mul(tf.sub(x, centre), inverse)), leading(x));
    return tf.mul(g, gamma === null ? inverse : tf.mul(inverse, gamma));
  };
  return { tensor, running: [], back };
}

function next(parameter: Parameter | null, seen: tf.Tensor, { momentum }: NormKind): RunningFigures | null {
  if (parameter === null) return null;
  const batch = tf.reshape(seen, parameter.value.shape);
  const moved = tf.mul(tf.sub(parameter.value, batch), 1 - momentum);
  return { parameter, next: tf.sub(parameter.value, moved) };
}

const leading = (x: tf.Tensor) => Array.from({ length: x.rank - 1 }, (_, i) => i);
