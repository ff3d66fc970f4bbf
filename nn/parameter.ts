/** A block of weights that can grow: values, moments, and for each weight how old it is. */
import * as tf from '@tensorflow/tfjs';
import { concatAlong, type Grid } from './grid.ts';
import type { TensorRuntime } from './runtime.ts';

/**
 * Axes carry names (`x`, `h1`, `s7.unit`): when a layer grows, every block with that name on an axis grows too.
 * `births` says at which count of `updates` a weight was born; a single number when all are of one age.
 * Tensors are replaced, never written to, so a clone is a snapshot.
 */
export interface Parameter {
  readonly name: string;
  readonly dims: readonly string[];
  shape: readonly number[];
  value: tf.Tensor;
  moments: readonly tf.Tensor[];
  updates: number;
  births: number | Int32Array;
  trainable: boolean;
}

/** New weights of age zero; `momentCount` moments, all zero. Whoever holds it calls `disposeParameter`. */
export function createParameter(
  runtime: TensorRuntime,
  momentCount: number,
  { name, dims, shape, data }: Grid & { readonly name: string; readonly dims: readonly string[] },
): Parameter {
  const value = tf.keep(runtime.upload(data, shape));
  const moments = Array.from({ length: momentCount }, () =>
    tf.keep(runtime.upload(new Float32Array(data.length), shape)),
  );
  return { name, dims, shape, value, moments, updates: 0, births: 0, trainable: true };
}

/** Shares the tensors: O(1) in the number of weights. Both copies must be disposed. */
export function cloneParameter(parameter: Parameter): Parameter {
  return {
    ...parameter,
    value: tf.keep(tf.clone(parameter.value)),
    moments: parameter.moments.map((moment) => tf.keep(tf.clone(moment))),
  };
}

export function disposeParameter({ value, moments }: Parameter): void {
  value.dispose();
  for (const moment of moments) moment.dispose();
}

/** Puts new tensors in the place of the old, which are freed. */
export function replaceTensors(parameter: Parameter, value: tf.Tensor, moments: readonly tf.Tensor[]): void {
  disposeParameter(parameter);
  parameter.value = tf.keep(value);
  parameter.moments = moments.map((moment) => tf.keep(moment));
  parameter.shape = value.shape;
}

/** Appends another block along `axis`, its moments and ages included. The other block stays its owner's to dispose. */
export function joinParameter(
  runtime: TensorRuntime,
  parameter: Parameter,
  axis: number,
  other: Parameter,
): void {
  const join = (a: Grid, b: Grid) => concatAlong(axis, a, b);
  const read = (tensor: tf.Tensor): Grid => ({ shape: tensor.shape, data: runtime.peek(tensor).slice() });
  const merge = (a: tf.Tensor, b: tf.Tensor) => {
    const grid = join(read(a), read(b));
    return runtime.upload(grid.data, grid.shape);
  };
  const value = merge(parameter.value, other.value);
  const moments = parameter.moments.map((moment, i) => merge(moment, other.moments[i] as tf.Tensor));
  // Ages are kept relative to the block's own count of updates, so the newcomers' births move into that frame.
  const shift = parameter.updates - other.updates;
  const births = join(birthGrid(parameter, 0), birthGrid(other, shift));
  replaceTensors(parameter, value, moments);
  parameter.births = Int32Array.from(births.data);
}

/** Appends `count` zero weights of age zero along every axis called `dim`. */
export function padParameter(runtime: TensorRuntime, parameter: Parameter, dim: string, count: number): void {
  parameter.dims.forEach((name, axis) => {
    if (name !== dim) return;
    const shape = parameter.shape.map((size, i) => (i === axis ? count : size));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const blank = createParameter(runtime, parameter.moments.length, { ...parameter, shape, data });
    joinParameter(runtime, parameter, axis, blank);
    disposeParameter(blank);
  });
}

/** Weights in the block. */
export const sizeOf = ({ shape }: Pick<Parameter, 'shape'>) => shape.reduce((a, b) => a * b, 1);

function birthGrid({ shape, births }: Parameter, shift: number): Grid {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = (typeof births === 'number' ? births : births[i]!) + shift;
  return { shape, data };
}
