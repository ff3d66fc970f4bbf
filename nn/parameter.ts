/** A block of weights that can grow: values, moments, and for each weight how old it is. */
import * as tf from './adapters/tensorflow.ts';
import { concatAlong, type Grid } from './grid.ts';
import type { TensorRuntime } from './runtime.ts';

/**
 * Axes carry names (`x`, `h1`, `s7.unit`): when a layer grows, every block with that name on an axis grows too.
 * `births` says at which count of `updates` a weight was born; a single number when all are of one age.
 * Values and moments are replaced, never written to, so sharing them is a snapshot.
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
  const moments = zeroMoments(runtime, momentCount, shape);
  const value = tf.keep(runtime.upload(data, shape));
  return { name, dims, shape, value, moments, updates: 0, births: 0, trainable: true };
}

/** New weights of age zero whose numbers are those of `value`, by reference: that tensor stays its owner's. */
export function shareParameter(
  runtime: TensorRuntime,
  momentCount: number,
  block: Pick<Parameter, 'name' | 'dims' | 'shape'>,
  value: tf.Tensor,
): Parameter {
  const { shape } = block;
  const moments = zeroMoments(runtime, momentCount, shape);
  return { ...block, value: tf.keep(tf.clone(value)), moments, updates: 0, births: 0, trainable: true };
}

/** Shares the numbers: O(1) in how many there are. Both copies must be disposed. */
export const cloneParameter = (parameter: Parameter): Parameter => ({
  ...parameter,
  value: tf.keep(tf.clone(parameter.value)),
  moments: parameter.moments.map((moment) => tf.keep(tf.clone(moment))),
});

export function disposeParameter({ value, moments }: Parameter): void {
  value.dispose();
  for (const moment of moments) moment.dispose();
}

/** Runs `work`, which notes every parameter that it makes: should it fall half way, these are freed. */
export function allOrNone<T>(work: (note: (parameter: Parameter) => Parameter) => T): T {
  const made: Parameter[] = [];
  let done = false;
  try {
    const result = work((parameter) => {
      made.push(parameter);
      return parameter;
    });
    done = true;
    return result;
  } finally {
    if (!done) for (const parameter of made) disposeParameter(parameter);
  }
}

/** Puts a new tensor in the place of the old, which is freed. */
export function replaceValue(parameter: Parameter, value: tf.Tensor): void {
  parameter.value.dispose();
  parameter.value = tf.keep(value);
  parameter.shape = value.shape;
}

/** Puts new moments in the place of the old, which are freed. */
export function replaceMoments(parameter: Parameter, moments: readonly tf.Tensor[]): void {
  for (const moment of parameter.moments) moment.dispose();
  parameter.moments = moments.map((moment) => tf.keep(moment));
}

/** Appends another block along `axis`, its moments and ages included. The other block stays its owner's to dispose. */
export function joinParameter(parameter: Parameter, axis: number, other: Parameter): void {
  const join = (mine: Float32Array, theirs: Float32Array) =>
    concatAlong(axis, { shape: parameter.shape, data: mine }, { shape: other.shape, data: theirs });
  const beside = (mine: tf.Tensor, theirs: tf.Tensor) => tf.concat([mine, theirs], axis);
  const value = beside(parameter.value, other.value);
  replaceMoments(
    parameter,
    parameter.moments.map((moment, i) => beside(moment, other.moments[i]!)),
  );
  // Ages are kept relative to the block's own count of updates, so the newcomers' births move into that frame.
  const shift = parameter.updates - other.updates;
  parameter.births = Int32Array.from(join(birthsOf(parameter, 0), birthsOf(other, shift)).data);
  replaceValue(parameter, value);
}

/** Appends `count` zero weights of age zero along every axis called `dim`. */
export function padParameter(runtime: TensorRuntime, parameter: Parameter, dim: string, count: number): void {
  parameter.dims.forEach((name, axis) => {
    if (name !== dim) return;
    const shape = parameter.shape.map((size, i) => (i === axis ? count : size));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const blank = createParameter(runtime, parameter.moments.length, { ...parameter, shape, data });
    joinParameter(parameter, axis, blank);
    disposeParameter(blank);
  });
}

/** All of them share the same zeros: they part at the first step. */
function zeroMoments(runtime: TensorRuntime, count: number, shape: readonly number[]): readonly tf.Tensor[] {
  if (count === 0) return [];
  const first = tf.keep(runtime.upload(new Float32Array(sizeOf({ shape })), shape));
  return Array.from({ length: count }, (_, i) => (i === 0 ? first : tf.keep(tf.clone(first))));
}

/** Weights in the block. */
export const sizeOf = ({ shape }: Pick<Parameter, 'shape'>) => shape.reduce((a, b) => a * b, 1);

function birthsOf({ shape, births }: Parameter, shift: number): Float32Array {
  const birthOf = typeof births === 'number' ? () => births : (i: number) => births[i]!;
  return Float32Array.from({ length: sizeOf({ shape }) }, (_, i) => birthOf(i) + shift);
}
