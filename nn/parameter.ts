/** A block of weights that can grow: values, moments, and for each weight how old it is. */
import * as tf from './adapters/tensorflow.ts';
import { concatAlong, type Grid } from './grid.ts';
import { Numbers } from './numbers.ts';
import type { TensorRuntime } from './runtime.ts';

interface ParameterMake {
  readonly name: string;
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  readonly value: Numbers;
  readonly moments: readonly Numbers[];
  readonly updates?: number;
  readonly births?: number | Int32Array;
  readonly trainable?: boolean;
}

/**
 * Axes carry names (`x`, `h1`, `s7.unit`): when a layer grows, every block with that name on an axis grows too.
 * `births` says at which count of `updates` a weight was born; a single number when all are of one age.
 * Values and moments are replaced, never written to, so sharing them is a snapshot.
 */
export class Parameter {
  readonly name: string;
  readonly dims: readonly string[];
  shape: readonly number[];
  updates: number;
  births: number | Int32Array;
  trainable: boolean;
  #value: Numbers;
  #moments: readonly Numbers[];

  /** @param make value and moments are the parameter's from now on */
  constructor(make: ParameterMake) {
    this.name = make.name;
    this.dims = make.dims;
    this.shape = make.shape;
    this.updates = make.updates ?? 0;
    this.births = make.births ?? 0;
    this.trainable = make.trainable ?? true;
    this.#value = make.value;
    this.#moments = make.moments;
  }

  /** The parameter's own, for as long as its value is not replaced. */
  get value(): tf.Tensor {
    return this.#value.tensor;
  }

  get moments(): readonly tf.Tensor[] {
    return this.#moments.map(({ tensor }) => tensor);
  }

  /** Value, then moments, wherever they lie: to be read without a tensor being made for it. */
  get numbers(): readonly [value: Numbers, ...moments: Numbers[]] {
    return [this.#value, ...this.#moments];
  }

  /** Puts new numbers in the place of the old, which are freed. */
  setValue(value: Numbers, shape: readonly number[] = this.shape): void {
    this.#value.dispose();
    this.#value = value;
    this.shape = shape;
  }

  setMoments(moments: readonly Numbers[]): void {
    for (const moment of this.#moments) moment.dispose();
    this.#moments = moments;
  }

  /** Shares the numbers: O(1) in how many there are. Both copies must be disposed. */
  clone(): Parameter {
    const { name, dims, shape, updates, births, trainable } = this;
    const value = this.#value.share();
    const moments = this.#moments.map((moment) => moment.share());
    return new Parameter({ name, dims, shape, updates, births, trainable, value, moments });
  }

  dispose(): void {
    this.#value.dispose();
    for (const moment of this.#moments) moment.dispose();
  }
}

/** New weights of age zero; `momentCount` moments, all zero. Whoever holds it disposes it. */
export function createParameter(
  runtime: TensorRuntime,
  momentCount: number,
  { name, dims, shape, data }: Grid & Pick<ParameterMake, 'name' | 'dims'>,
): Parameter {
  const moments = zeroMoments(runtime, momentCount, shape);
  const value = Numbers.of(runtime.upload(data, shape));
  return new Parameter({ name, dims, shape, value, moments });
}

/** New weights of age zero whose numbers are those of `value`, by reference: that tensor stays its owner's. */
export function shareParameter(
  runtime: TensorRuntime,
  momentCount: number,
  { name, dims, shape }: Pick<ParameterMake, 'name' | 'dims' | 'shape'>,
  value: tf.Tensor,
): Parameter {
  const moments = zeroMoments(runtime, momentCount, shape);
  return new Parameter({ name, dims, shape, value: Numbers.of(tf.clone(value)), moments });
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
    if (!done) for (const parameter of made) parameter.dispose();
  }
}

/** Puts a new tensor in the place of the old numbers, which are freed. */
export function replaceValue(parameter: Parameter, value: tf.Tensor): void {
  parameter.setValue(Numbers.of(value), value.shape);
}

/** Puts new moments in the place of the old, which are freed. */
export function replaceMoments(parameter: Parameter, moments: readonly tf.Tensor[]): void {
  parameter.setMoments(moments.map((moment) => Numbers.of(moment)));
}

/**
 * Appends another block along `axis`, its moments and ages included. The other block stays its owner's to dispose.
 * @param groups that the axis consists of, one behind the other: what is appended is appended to each
 */
export function joinParameter(parameter: Parameter, axis: number, other: Parameter, groups = 1): void {
  const split = ({ shape }: Pick<Parameter, 'shape'>) => [
    ...shape.slice(0, axis),
    groups,
    shape[axis]! / groups,
    ...shape.slice(axis + 1),
  ];
  const [mySplit, theirSplit] = [split(parameter), split(other)];
  const whole = parameter.shape.map((size, i) => (i === axis ? size + other.shape[i]! : size));
  const join = (mine: Float32Array, theirs: Float32Array) =>
    concatAlong(axis + 1, { shape: mySplit, data: mine }, { shape: theirSplit, data: theirs });
  const beside = (mine: tf.Tensor, theirs: tf.Tensor) =>
    groups === 1
      ? tf.concat([mine, theirs], axis)
      : tf.tidy(() =>
          tf.reshape(tf.concat([tf.reshape(mine, mySplit), tf.reshape(theirs, theirSplit)], axis + 1), whole),
        );
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

/**
 * Appends zero weights of age zero along every axis that grows.
 * @param growing how many groups each growing axis consists of: `count` are appended to each
 */
export function padParameter(
  runtime: TensorRuntime,
  parameter: Parameter,
  growing: ReadonlyMap<string, number>,
  count: number,
): void {
  parameter.dims.forEach((name, axis) => {
    const groups = growing.get(name);
    if (groups === undefined) return;
    const shape = parameter.shape.map((size, i) => (i === axis ? count * groups : size));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const { name: own, dims, numbers } = parameter;
    const blank = createParameter(runtime, numbers.length - 1, { name: own, dims, shape, data });
    joinParameter(parameter, axis, blank, groups);
    blank.dispose();
  });
}

/** All of them share the same zeros: they part at the first step. */
function zeroMoments(runtime: TensorRuntime, count: number, shape: readonly number[]): readonly Numbers[] {
  if (count === 0) return [];
  const first = Numbers.of(runtime.upload(new Float32Array(sizeOf({ shape })), shape));
  return Array.from({ length: count }, (_, i) => (i === 0 ? first : first.share()));
}

/** Weights in the block. */
export const sizeOf = ({ shape }: Pick<Parameter, 'shape'>) => shape.reduce((a, b) => a * b, 1);

function birthsOf({ shape, births }: Parameter, shift: number): Float32Array {
  const birthOf = typeof births === 'number' ? () => births : (i: number) => births[i]!;
  return Float32Array.from({ length: sizeOf({ shape }) }, (_, i) => birthOf(i) + shift);
}
