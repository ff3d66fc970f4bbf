/** Carries out a pass on tensors, and remembers it so that gradients can flow back along the same way. */

import type { Activation } from '../../contracts/blueprint.ts';
import * as tf from '../adapters/tensorflow.ts';
import { dropoutMask, dropoutSeed } from '../dropout-mask.ts';
import type { ForeignLayer, NormKind, NormWeights, Ops, Value, Window } from '../ops.ts';
import type { Parameter } from '../parameter.ts';
import type { TensorRuntime } from '../runtime.ts';
import { activated, backThrough } from './activation.ts';
import { attention } from './attention.ts';
import { normalised, type RunningFigures } from './norm.ts';
import { convolved, depthwise, enlarged, pooled, squeezed, type Tracked } from './window.ts';

/** A value on the tape. */
export interface Var extends Value {
  readonly tensor: tf.Tensor;
  needs: boolean;
  grad: tf.Tensor | null;
}

export interface TapeMake {
  readonly runtime: TensorRuntime;
  readonly rows: number;
  /** The number of a training step; null for a pass that only looks. */
  readonly step: number | null;
}

/**
 * One forward pass and at most one backward pass. Own, instead of the engine's: half the calls per step, and a
 * host that is detached stays out by construction. Use inside `tf.tidy`, which frees everything made here.
 */
export class Tape implements Ops<Var> {
  readonly training: boolean;
  readonly #runtime: TensorRuntime;
  readonly #rows: number;
  readonly #step: number;
  readonly #back: (() => void)[] = [];
  readonly #weights = new Map<Parameter, Var>();
  /** What batch norms saw in this pass; whoever keeps the step writes it. */
  readonly running: RunningFigures[] = [];
  /** Forward once, and twice more for a product whose weights learn (once when only its input needs a gradient). */
  multiplyAdds = 0;

  constructor({ runtime, rows, step }: TapeMake) {
    this.#runtime = runtime;
    this.#rows = rows;
    this.#step = step ?? 0;
    this.training = step !== null;
  }

  /** The rows of a batch. @param data flat, `[rows, ...shape]`; the runtime owns it afterwards */
  input(data: Float32Array, shape: readonly number[]): Var {
    return still(this.#runtime.upload(data, [this.#rows, ...shape]));
  }

  still({ tensor }: Var): Var {
    return still(tensor);
  }

  /** A value of its own: layers that only pass a value on share it with whoever else reads it. */
  watch(value: Var): Var {
    const out: Var = { ...still(value.tensor), needs: true };
    this.#back.push(() => {
      if (out.grad !== null && value.needs) add(value, out.grad);
    });
    return out;
  }

  weight(parameter: Parameter, learns: boolean): Var {
    const held = this.#weights.get(parameter);
    if (held !== undefined) return held;
    const { value } = parameter;
    const fresh: Var = { tensor: value, shape: value.shape, needs: learns, grad: null };
    this.#weights.set(parameter, fresh);
    return fresh;
  }

  /** Gradients of all weights that learn; null where none arrived. */
  *gradients(): Iterable<readonly [Parameter, tf.Tensor | null]> {
    for (const [parameter, { needs, grad }] of this.#weights) if (needs) yield [parameter, grad];
  }

  /** Transposes are explicit: implicit ones leave the fast kernel of a backend without ours. */
  dense(x: Var, w: Var, b: Var | null): Var {
    const [fan, units] = w.tensor.shape as [number, number];
    const plain = x.tensor.rank === 2;
    const flat = (plain ? x.tensor : tf.reshape(x.tensor, [-1, fan])) as tf.Tensor2D;
    const weights = w.tensor as tf.Tensor2D;
    const product =
      b === null ? tf.matMul(flat, weights) : tf.fused.matMul({ a: flat, b: weights, bias: b.tensor });
    this.#spend(flat.shape[0] * w.tensor.size, x, w);
    const out = plain ? product : tf.reshape(product, [...x.tensor.shape.slice(0, -1), units]);
    return this.#record(out, [x, w, b], (g) => {
      const dy = (plain ? g : tf.reshape(g, [-1, units])) as tf.Tensor2D;
      if (w.needs) add(w, tf.matMul(tf.transpose(flat), dy));
      if (b?.needs) add(b, tf.sum(dy, 0));
      if (!x.needs) return;
      const dx = tf.matMul(dy, tf.transpose(weights));
      add(x, plain ? dx : tf.reshape(dx, x.tensor.shape));
    });
  }

  conv(x: Var, w: Var, b: Var | null, window: Window): Var {
    const map = convolved(x.tensor, w.tensor, b?.tensor ?? null, window);
    this.#spend(placesOf(map.tensor) * w.tensor.size, x, w);
    return this.#windowed(map, x, w, b);
  }

  depthwise(x: Var, w: Var, b: Var | null, window: Window): Var {
    const map = depthwise(x.tensor, w.tensor, b?.tensor ?? null, window);
    this.#spend(placesOf(map.tensor) * w.tensor.size, x, w);
    return this.#windowed(map, x, w, b);
  }

  pool(x: Var, kind: 'max' | 'mean', window: Window): Var {
    return this.#through(x, pooled(x.tensor, kind, window));
  }

  squeeze(x: Var, kind: 'max' | 'mean'): Var {
    return this.#through(x, squeezed(x.tensor, kind));
  }

  upsample(x: Var, by: number): Var {
    return this.#through(x, enlarged(x.tensor, by));
  }

  norm(x: Var, weights: NormWeights<Var>, how: NormKind): Var {
    const { gamma, beta, mean, variance, frozen } = weights;
    const tensors = { x: x.tensor, gamma: gamma?.tensor ?? null, beta: beta?.tensor ?? null, mean, variance };
    const result = normalised(tensors, how, this.training && !(frozen && how.kind === 'batch'));
    this.running.push(...result.running);
    return this.#record(result.tensor, [x, gamma, beta], (g) => {
      if (gamma?.needs) add(gamma, result.back(g, 'gamma'));
      if (beta?.needs) add(beta, result.back(g, 'beta'));
      if (x.needs) add(x, result.back(g, 'x'));
    });
  }

  activate(z: Var, activation: Activation): Var {
    if (activation === 'linear') return z;
    const y = activated(z.tensor, activation);
    return this.#record(y, [z], (g) => add(z, backThrough(g, z.tensor, y, activation)));
  }

  add(a: Var, b: Var): Var {
    return this.#record(tf.add(a.tensor, b.tensor), [a, b], (g) => {
      if (a.needs) add(a, g);
      if (b.needs) add(b, g);
    });
  }

  multiply(a: Var, b: Var): Var {
    return this.#record(tf.mul(a.tensor, b.tensor), [a, b], (g) => {
      if (a.needs) add(a, tf.mul(g, b.tensor));
      if (b.needs) add(b, tf.mul(g, a.tensor));
    });
  }

  gate(x: Var, gate: Var): Var {
    const axes = Array.from({ length: x.tensor.rank - 2 }, (_, i) => i + 1);
    const [rows, channels] = gate.tensor.shape as [number, number];
    const spread = tf.reshape(gate.tensor, [rows, ...axes.map(() => 1), channels]);
    return this.#record(tf.mul(x.tensor, spread), [x, gate], (g) => {
      if (x.needs) add(x, tf.mul(g, spread));
      if (gate.needs) add(gate, tf.sum(tf.mul(g, x.tensor), axes));
    });
  }

  scale(a: Var, factor: number): Var {
    if (factor === 1) return a;
    return this.#record(tf.mul(a.tensor, factor), [a], (g) => add(a, tf.mul(g, factor)));
  }

  concat(values: readonly Var[]): Var {
    const tensors = values.map(({ tensor }) => tensor);
    const axis = tensors[0]!.rank - 1;
    return this.#record(tf.concat(tensors, axis), values, (g) => {
      let start = 0;
      for (const value of values) {
        if (value.needs) add(value, columns(g, start, value.tensor.shape[axis]!));
        start += value.tensor.shape[axis]!;
      }
    });
  }

  slice(x: Var, start: number, size: number): Var {
    return this.#record(columns(x.tensor, start, size), [x], (g) => add(x, beside(g, start, x.tensor)));
  }

  addTo(x: Var, y: Var, start: number): Var {
    const width = y.tensor.shape.at(-1)!;
    if (width === x.tensor.shape.at(-1)) return this.add(x, y);
    return this.#record(tf.add(x.tensor, beside(y.tensor, start, x.tensor)), [x, y], (g) => {
      if (x.needs) add(x, g);
      if (y.needs) add(y, columns(g, start, width));
    });
  }

  reshape(x: Var, shape: readonly number[]): Var {
    const out = tf.reshape(x.tensor, [this.#rows, ...shape]);
    return this.#record(out, [x], (g) => add(x, tf.reshape(g, x.tensor.shape)));
  }

  attend(q: Var, k: Var, v: Var, heads: number): Var {
    const result = attention(q.tensor, k.tensor, v.tensor, heads);
    const [rows, places, width] = q.tensor.shape as [number, number, number];
    const products = 2 * rows * places * k.tensor.shape[1]! * width;
    this.multiplyAdds += products * (q.needs || k.needs || v.needs ? 3 : 1);
    return this.#record(result.tensor, [q, k, v], (g) => {
      const gradients = result.back(g);
      if (q.needs) add(q, gradients.q);
      if (k.needs) add(k, gradients.k);
      if (v.needs) add(v, gradients.v);
    });
  }

  embed(ids: Var, table: Var): Var {
    const [words, width] = table.tensor.shape as [number, number];
    const indices = tf.cast(ids.tensor, 'int32');
    return this.#record(tf.gather(table.tensor, indices), [table], (g) => {
      const flat = tf.reshape(indices, [-1]) as tf.Tensor1D;
      add(table, tf.unsortedSegmentSum(tf.reshape(g, [-1, width]), flat, words));
    });
  }

  dropout(x: Var, rate: number, key: string): Var {
    if (!this.training || rate === 0) return x;
    const kept = dropoutMask(dropoutSeed(key, this.#step), x.tensor.size, rate);
    const mask = this.#runtime.upload(kept, x.tensor.shape);
    return this.#record(tf.mul(x.tensor, mask), [x], (g) => add(x, tf.mul(g, mask)));
  }

  foreign(layer: ForeignLayer, inputs: readonly Var[], weights: readonly Var[]): Var {
    const all = [...inputs, ...weights];
    const run = () => {
      const ins = inputs.map(({ tensor }) => tensor);
      const blocks = weights.map(({ tensor }) => tensor);
      return layer.call(ins, blocks, this.training) as tf.Tensor;
    };
    const work = this.#rows * layer.multiplyAdds(inputs.map(({ shape }) => shape));
    this.multiplyAdds +=
      work * (weights.some(({ needs }) => needs) ? 3 : inputs.some(({ needs }) => needs) ? 2 : 1);
    return this.#record(run(), all, (g) => {
      // Only the engine knows the way back, and it knows it only while it runs the layer itself. Ids and resting
      // weights are not asked about: there may be no way back to them.
      const learners = all.filter(({ needs }) => needs);
      const { grads } = tf.engine().gradients(
        run,
        learners.map(({ tensor }) => tensor),
        g,
        true,
      );
      learners.forEach((value, i) => {
        const gradient: tf.Tensor | null | undefined = grads[i];
        if (gradient) add(value, gradient);
      });
    });
  }

  /** Sends `gradient` (row-major, of `out`'s shape) back along the tape. */
  backward(out: Var, gradient: Float32Array): void {
    if (!out.needs) return;
    this.backwardFrom(out, this.#runtime.upload(gradient, out.tensor.shape));
  }

  /** As `backward`, from a gradient that is a tensor already. */
  backwardFrom(out: Var, gradient: tf.Tensor): void {
    if (!out.needs) return;
    out.grad = gradient;
    for (let i = this.#back.length - 1; i >= 0; i--) this.#back[i]?.();
  }

  #windowed(map: Tracked<'x' | 'filter'>, x: Var, w: Var, b: Var | null): Var {
    return this.#record(map.tensor, [x, w, b], (g) => {
      if (w.needs) add(w, map.back(g, 'filter'));
      if (b?.needs) add(b, tf.sum(g, [0, 1, 2]));
      if (x.needs) add(x, map.back(g, 'x'));
    });
  }

  #through(x: Var, result: Tracked<'x'>): Var {
    return this.#record(result.tensor, [x], (g) => add(x, result.back(g, 'x')));
  }

  #spend(products: number, x: Var, w: Var): void {
    this.multiplyAdds += products * (w.needs ? 3 : x.needs ? 2 : 1);
  }

  #record(tensor: tf.Tensor, inputs: ReadonlyArray<Var | null>, back: (g: tf.Tensor) => void): Var {
    const out: Var = { ...still(tensor), needs: inputs.some((input) => input?.needs === true) };
    if (out.needs) {
      this.#back.push(() => {
        if (out.grad !== null) back(out.grad);
      });
    }
    return out;
  }
}

const still = (tensor: tf.Tensor): Var => ({
  tensor,
  shape: tensor.shape.slice(1),
  needs: false,
  grad: null,
});

function add(to: Var, gradient: tf.Tensor): void {
  to.grad = to.grad === null ? gradient : tf.add(to.grad, gradient);
}

/** Rows times places of an image. */
const placesOf = ({ shape }: tf.Tensor) => shape.slice(0, -1).reduce((a, b) => a * b, 1);

/** `size` columns of the last axis. */
function columns(t: tf.Tensor, start: number, size: number): tf.Tensor {
  const first = t.shape.map((_, i) => (i === t.rank - 1 ? start : 0));
  return tf.slice(
    t,
    first,
    t.shape.map((n, i) => (i === t.rank - 1 ? size : n)),
  );
}

/** `t` among zero columns, so that it is as wide as `like`. */
function beside(t: tf.Tensor, start: number, like: tf.Tensor): tf.Tensor {
  const after = like.shape.at(-1)! - start - t.shape.at(-1)!;
  return tf.pad(
    t,
    t.shape.map((_, i): [number, number] => (i === t.rank - 1 ? [start, after] : [0, 0])),
  );
}
