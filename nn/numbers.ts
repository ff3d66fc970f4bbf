/** The numbers of a block of weights: a tensor, or a stretch of a page that becomes one when somebody asks for it. */
import * as tf from './adapters/tensorflow.ts';
import type { TensorRuntime } from './runtime.ts';
import type { WeightPage } from './weight-page.ts';

interface Stretch {
  readonly page: WeightPage;
  readonly at: number;
  readonly shape: readonly number[];
}

/** Never written to, so sharing them is a snapshot. Whoever holds them calls `dispose`, once. */
export class Numbers {
  /** How many. */
  readonly size: number;
  readonly #stretch: Stretch | null;
  #tensor: tf.Tensor | null;

  private constructor(tensor: tf.Tensor | null, stretch: Stretch | null, size: number) {
    this.#tensor = tensor;
    this.#stretch = stretch;
    this.size = size;
    stretch?.page.hold();
  }

  /** Takes `tensor` over, out of any scope. */
  static of(tensor: tf.Tensor): Numbers {
    return new Numbers(tf.keep(tensor), null, tensor.size);
  }

  /** @param at place of the first one on the page */
  static on(page: WeightPage, at: number, shape: readonly number[]): Numbers {
    return new Numbers(null, { page, at, shape }, sizeOf(shape));
  }

  /** Made when it is asked for first. It belongs to these numbers. @throws NN_OUT_OF_MEMORY */
  get tensor(): tf.Tensor {
    this.#tensor ??= tf.keep(uploaded(this.#stretch!));
    return this.#tensor;
  }

  /** The numbers where they lie, and no tensor made for it: read only, and as short-lived as a `peek` of the runtime. */
  peek(runtime: TensorRuntime): Float32Array {
    return this.#stretch === null ? runtime.peek(this.#tensor!) : stretchOf(this.#stretch);
  }

  /** The same numbers for another holder: O(1) in how many there are. */
  share(): Numbers {
    if (this.#stretch === null) return Numbers.of(tf.clone(this.#tensor!));
    return new Numbers(null, this.#stretch, this.size);
  }

  dispose(): void {
    this.#tensor?.dispose();
    this.#stretch?.page.letGo();
  }

  /** Copies of many; the tensors among them in one packed read, before which none may be disposed. */
  static async read(runtime: TensorRuntime, all: readonly Numbers[]): Promise<readonly Float32Array[]> {
    const onPages = all.map((numbers) => numbers.#stretch && stretchOf(numbers.#stretch).slice());
    const packed = await runtime.readPacked(
      all.filter((_, i) => onPages[i] === null).map(({ tensor }) => tensor),
    );
    let at = 0;
    return all.map(({ size }, i) => {
      const onPage = onPages[i];
      if (onPage) return onPage;
      at += size;
      return packed.slice(at - size, at);
    });
  }
}

const stretchOf = ({ page, at, shape }: Stretch): Float32Array =>
  page.numbers.subarray(at, at + sizeOf(shape));

const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

function uploaded(stretch: Stretch): tf.Tensor {
  const numbers = stretchOf(stretch);
  const { runtime } = stretch.page;
  return runtime.upload(runtime.capabilities.copies ? numbers : numbers.slice(), stretch.shape);
}
