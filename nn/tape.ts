/** Remembers what was computed so that gradients can flow back along the same way. */
import * as tf from '@tensorflow/tfjs';
import type { Activation } from '../contracts/blueprint.ts';
import type { Parameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';

/** A value on the tape. Without `needs`, nothing is recorded behind it: that is how a path is cut. */
export interface Var {
  readonly tensor: tf.Tensor;
  needs: boolean;
  grad: tf.Tensor | null;
}

/**
 * One forward pass and at most one backward pass. Own, instead of the engine's: half the calls per step, and a
 * host that is detached stays out by construction. Use inside `tf.tidy`, which frees everything made here.
 */
export class Tape {
  readonly #runtime: TensorRuntime;
  readonly #rows: number;
  readonly #back: (() => void)[] = [];
  readonly #weights = new Map<Parameter, Var>();
  /** Forward once, and twice more for a product whose weights learn (once when only its input needs a gradient). */
  multiplyAdds = 0;

  constructor(runtime: TensorRuntime, rows: number) {
    this.#runtime = runtime;
    this.#rows = rows;
  }

  constant(tensor: tf.Tensor): Var {
    return { tensor, needs: false, grad: null };
  }

  /** A block of weights; `learns` decides whether it gets a gradient. */
  weight(parameter: Parameter, learns: boolean): Var {
    const held = this.#weights.get(parameter);
    if (held !== undefined) return held;
    const fresh: Var = { tensor: parameter.value, needs: learns, grad: null };
    this.#weights.set(parameter, fresh);
    return fresh;
  }

  /** Gradients of all weights that learn; null where none arrived. */
  *gradients(): Iterable<readonly [Parameter, tf.Tensor | null]> {
    for (const [parameter, { needs, grad }] of this.#weights) if (needs) yield [parameter, grad];
  }

  /** `x [rows, in] . w [in, units] + b [units]`. Transposes are explicit: implicit ones leave the fast kernel. */
  dense(x: Var, w: Var, b: Var | null): Var {
    const product = tf.matMul(x.tensor as tf.Tensor2D, w.tensor as tf.Tensor2D);
    const out = this.#record(
      b === null ? product : tf.add(product, b.tensor),
      [x, w, ...(b ? [b] : [])],
      (g) => {
        if (w.needs) add(w, tf.matMul(tf.transpose(x.tensor) as tf.Tensor2D, g as tf.Tensor2D));
        if (b?.needs) add(b, tf.sum(g, 0));
        if (x.needs) add(x, tf.matMul(g as tf.Tensor2D, tf.transpose(w.tensor) as tf.Tensor2D));
      },
    );
    this.multiplyAdds += this.#rows * w.tensor.size * (w.needs ? 3 : x.needs ? 2 : 1);
    return out;
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

  /** `factor * a`; at 1 nothing is computed. */
  scale(a: Var, factor: number): Var {
    if (factor === 1) return a;
    return this.#record(tf.mul(a.tensor, factor), [a], (g) => add(a, tf.mul(g, factor)));
  }

  /** Columns of constants side by side. Nothing flows back through it: cascades rest on frozen units. */
  besides(a: Var, b: Var): Var {
    return this.constant(tf.concat([a.tensor, b.tensor], 1));
  }

  /** Sends `gradient` (row-major, of `out`'s shape) back along the tape. */
  backward(out: Var, gradient: Float32Array): void {
    if (!out.needs) return;
    out.grad = this.#runtime.upload(gradient, out.tensor.shape);
    for (let i = this.#back.length - 1; i >= 0; i--) this.#back[i]?.();
  }

  #record(tensor: tf.Tensor, inputs: readonly Var[], back: (g: tf.Tensor) => void): Var {
    const out: Var = { tensor, needs: inputs.some(({ needs }) => needs), grad: null };
    if (out.needs) {
      this.#back.push(() => {
        if (out.grad !== null) back(out.grad);
      });
    }
    return out;
  }
}

function add(to: Var, gradient: tf.Tensor): void {
  to.grad = to.grad === null ? gradient : tf.add(to.grad, gradient);
}

function activated(z: tf.Tensor, activation: Exclude<Activation, 'linear'>): tf.Tensor {
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
function backThrough(
  g: tf.Tensor,
  z: tf.Tensor,
  y: tf.Tensor,
  activation: Exclude<Activation, 'linear'>,
): tf.Tensor {
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
