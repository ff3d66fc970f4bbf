/** What a network may be made of: every operation once, whoever carries it out - tensors now, or a compiled plan later. */
import type { Activation } from '../contracts/blueprint.ts';
import type { Parameter } from './parameter.ts';

/** Height and width, of a window or of a stride. */
export type Pair = readonly [number, number];
export type Padding = 'same' | 'valid';

export interface Window {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

export interface NormKind {
  /** `batch`: over rows and places, by channel. `layer`: over the last axis, by place. */
  readonly kind: 'batch' | 'layer';
  readonly epsilon: number;
  /** Of the running mean and variance of a batch norm: `running = momentum * running + (1 - momentum) * batch`. */
  readonly momentum: number;
}

/** The weights of a norm; running figures only where `kind` is `batch`. Null where the norm has none. */
export interface NormWeights<V> {
  readonly gamma: V | null;
  readonly beta: V | null;
  readonly mean: Parameter | null;
  readonly variance: Parameter | null;
  /** Of a batch norm that is not trainable: in training, too, it computes with its running figures and does not move them. */
  readonly frozen: boolean;
}

/**
 * A value in a pass: `[rows, ...shape]`, float32, row-major. Images are `[height, width, channels]`, sequences
 * `[places, width]`. Without `needs`, nothing flows back through it: that is how a path is cut.
 */
export interface Value {
  /** Of one row. */
  readonly shape: readonly number[];
  readonly needs: boolean;
}

/**
 * One forward pass. The same walk through the network drives the tensor engine (`Tape`) and the compiler of the fused
 * plan (`Trace`), so the two cannot drift apart in what they compute, only in rounding.
 */
export interface Ops<V extends Value> {
  /** True in a training step: batch norms use the batch's own figures unless they are frozen, dropout drops. */
  readonly training: boolean;
  /** The same numbers, and no way back. */
  still(value: V): V;
  /** The same numbers, with a gradient wanted here though no weight before learns. */
  watch(value: V): V;
  /** A block of weights; `learns` decides whether it gets a gradient. */
  weight(parameter: Parameter, learns: boolean): V;
  /** `activation(x . w + b)` over the last axis: x `[rows, .., in]`, w `[in, units]`, b `[units]`. */
  dense(x: V, w: V, b: V | null): V;
  /** x `[rows, h, w, in]`, w `[kh, kw, in, out]`, b `[out]`. */
  conv(x: V, w: V, b: V | null, window: Window): V;
  /** Each channel by itself: w `[kh, kw, channels, 1]`, b `[channels]`. */
  depthwise(x: V, w: V, b: V | null, window: Window): V;
  pool(x: V, kind: 'max' | 'mean', window: Window): V;
  /** Mean or maximum over all places: `[rows, .., channels]` to `[rows, channels]`. */
  squeeze(x: V, kind: 'max' | 'mean'): V;
  norm(x: V, weights: NormWeights<V>, how: NormKind): V;
  activate(z: V, activation: Activation): V;
  /** Equal shapes. */
  add(a: V, b: V): V;
  multiply(a: V, b: V): V;
  /** `x [rows, .., channels]` times `g [rows, channels]` at every place. */
  gate(x: V, g: V): V;
  /** `factor * a`; at 1 nothing is computed. @param seedId whose alpha the factor is: it may change without a new pass being planned */
  scale(a: V, factor: number, seedId: string): V;
  /** Side by side along the last axis. */
  concat(values: readonly V[]): V;
  /** `size` columns of the last axis, from `start`. */
  slice(x: V, start: number, size: number): V;
  /** `x` with `y` added to the columns of its last axis from `start`. */
  addTo(x: V, y: V, start: number): V;
  reshape(x: V, shape: readonly number[]): V;
  /** Each pixel `by` times in both directions. */
  upsample(x: V, by: number): V;
  /** Scaled dot-product attention over places, `heads` side by side: q, k, v `[rows, places, width]`. */
  attend(q: V, k: V, v: V, heads: number): V;
  /** Rows of `table [words, width]` by whole numbers `[rows, places]`: `[rows, places, width]`. */
  embed(ids: V, table: V): V;
  /** Zeroes a share `rate` of the values and scales up the rest, in training only. `key` and the step fix the draw. */
  dropout(x: V, rate: number, key: string): V;
  /** A layer that only its owner understands. @param weights as `layer` lists them */
  foreign(layer: ForeignLayer, inputs: readonly V[], weights: readonly V[]): V;
}

/** Somebody else's layer: pure in its inputs and weights, differentiable by the tensor engine. */
export interface ForeignLayer {
  readonly name: string;
  outputShape(inputs: ReadonlyArray<readonly number[]>): readonly number[];
  /** Tensors in, tensor out; both typed by the engine that runs it. */
  call(inputs: readonly unknown[], weights: readonly unknown[], training: boolean): unknown;
  /** Multiply-adds of one row, forward. */
  multiplyAdds(inputs: ReadonlyArray<readonly number[]>): number;
}
