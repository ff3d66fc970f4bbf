/** Pages of weights in an engine's own memory, where both its threads can write them. */
import type { TensorRuntime } from '../runtime.ts';
import { type PageGround, WeightPage } from '../weight-page.ts';
import type { Engine } from './engine.ts';
import type { Heap, HeapBlock } from './heap.ts';

/** A page, and where a program finds it. */
export interface EnginePage {
  readonly page: WeightPage;
  /** Address of its first number, until the heap's floor rises. */
  readonly at: number;
  /** For a page that nobody came to hold. */
  drop(): void;
}

export class Pages {
  readonly #engine: Engine;
  readonly #heap: Heap;
  readonly #inUse = new Set<WeightPage>();

  constructor(engine: Engine, heap: Heap) {
    this.#engine = engine;
    this.#heap = heap;
  }

  /**
   * A page with room for `count` numbers, which are undefined yet.
   * @throws NN_OUT_OF_MEMORY, NN_ENGINE_TOO_LARGE
   */
  take(runtime: TensorRuntime, count: number): EnginePage {
    const block = this.#heap.take(4 * count);
    const drop = () => {
      block.free();
      this.#inUse.delete(page);
    };
    const page = new WeightPage(runtime, groundOf(this.#engine, block, count, drop));
    this.#inUse.add(page);
    return { page, at: block.at, drop };
  }

  /** Moves all pages out, each to memory of its own: the engine goes, and who holds them stays. */
  evacuate(): void {
    for (const page of [...this.#inUse]) {
      const numbers = new Float32Array(page.numbers);
      const { runtime } = page;
      runtime.rent?.(numbers.byteLength);
      page.moveTo({ numbers, free: () => runtime.rent?.(-numbers.byteLength) });
    }
  }
}

function groundOf(engine: Engine, block: HeapBlock, count: number, free: () => void): PageGround {
  return {
    get numbers() {
      return engine.f32.subarray(block.at / 4, block.at / 4 + count);
    },
    free,
  };
}
