/** Plain memory with the weights of one moment: shared by all who look back at it, and used again when nobody does. */
import type { TensorRuntime } from './runtime.ts';

/** Idle pages that are kept: a snapshot goes while the next one comes. */
const MOST_IDLE = 2;
/** Sizes are rounded up to this many numbers, so that a page still fits when a little has grown. */
const GRAIN = 4_096;

/** Whoever writes it first does so before it is shared; from then on nobody does. */
export class WeightPage {
  readonly runtime: TensorRuntime;
  readonly numbers: Float32Array;
  readonly #free: () => void;
  #holders = 0;

  /** @param free hears when the last holder has let go */
  constructor(runtime: TensorRuntime, numbers: Float32Array, free: () => void) {
    this.runtime = runtime;
    this.numbers = numbers;
    this.#free = free;
  }

  hold(): void {
    this.#holders++;
  }

  /** Once for each `hold`: what is on the page means nothing to this holder afterwards. */
  letGo(): void {
    this.#holders--;
    if (this.#holders === 0) this.#free();
  }
}

/** Fresh memory is slow at its first touch, so that of old pages goes round. */
export class PagePool {
  readonly #idle: Float32Array[] = [];

  /**
   * A page with room for `count` numbers, which are undefined yet.
   * @throws NN_OUT_OF_MEMORY when the runtime's budget has no room for it
   */
  take(runtime: TensorRuntime, count: number): WeightPage {
    const room = Math.ceil(count / GRAIN) * GRAIN;
    runtime.rent?.(4 * room);
    // The last one that came back is the one that may be in the cache still.
    const found = this.#idle.findLastIndex(({ length }) => length === room);
    const numbers = found < 0 ? new Float32Array(room) : this.#idle.splice(found, 1)[0]!;
    return new WeightPage(runtime, numbers, () => {
      runtime.rent?.(-4 * room);
      this.#idle.push(numbers);
      if (this.#idle.length > MOST_IDLE) this.#idle.shift();
    });
  }
}
