/** Seeded inputs: the same numbers in every process, on every backend. */
import * as tf from '@tensorflow/tfjs';
import { type RandomStream, randomStream } from '../../contracts/random-stream.ts';

type Shape = readonly number[];

const sizeOf = (shape: Shape) => shape.reduce((size, side) => size * side, 1);

export class Draw {
  readonly #stream: RandomStream;
  constructor(seed: string) {
    this.#stream = randomStream(seed);
  }

  /** Standard normal times `scale`. */
  normal(shape: Shape, scale = 1): tf.Tensor {
    return this.#made(shape, () => this.#stream.normal() * scale);
  }

  /** Between 0.2 and 2. */
  positive(shape: Shape): tf.Tensor {
    return this.#made(shape, () => 0.2 + 1.8 * this.#stream.next());
  }

  /** Between -2 and -0.2. */
  negative(shape: Shape): tf.Tensor {
    return this.#made(shape, () => -0.2 - 1.8 * this.#stream.next());
  }

  /** No two alike, none near 0, of both signs: a small step crosses no kink and changes no maximum. */
  spaced(shape: Shape): tf.Tensor {
    const size = sizeOf(shape);
    const ladder = Float32Array.from({ length: size }, (_, i) => (i - (size >> 1) + 0.5) * 0.1);
    for (let i = size - 1; i > 0; i--) {
      const j = this.#stream.below(i + 1);
      [ladder[i], ladder[j]] = [ladder[j]!, ladder[i]!];
    }
    return tf.tensor(ladder, [...shape]);
  }

  /** Whole numbers below `bound`, as float32 of the same draw on every backend. */
  below(shape: Shape, bound: number): tf.Tensor {
    return this.#made(shape, () => this.#stream.below(bound));
  }

  #made(shape: Shape, next: () => number): tf.Tensor {
    return tf.tensor(Float32Array.from({ length: sizeOf(shape) }, next), [...shape]);
  }
}
