/** Sums of scalars on a device. */
import * as tf from '../adapters/tensorflow.ts';

/** One scalar out of many. Side by side first: a GPU reads from few buffers at once, and `addN` asks for them all. */
export const sumOf = (scalars: readonly tf.Tensor[]): tf.Tensor => tf.sum(tf.stack([...scalars]));
