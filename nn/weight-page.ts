/** Memory with the weights of one moment: shared by all who look back at it, and free again when nobody does. */
import type { TensorRuntime } from './runtime.ts';

/** What a page lies on. */
export interface PageGround {
  /** Where the numbers are now: as short-lived as a `peek` of the runtime. */
  readonly numbers: Float32Array;
  /** Hears once that nobody needs it any more. */
  free(): void;
}

/** Whoever writes it first does so before it is shared; from then on nobody does. */
export class WeightPage {
  readonly runtime: TensorRuntime;
  #ground: PageGround;
  #holders = 0;

  constructor(runtime: TensorRuntime, ground: PageGround) {
    this.runtime = runtime;
    this.#ground = ground;
  }

  get numbers(): Float32Array {
    return this.#ground.numbers;
  }

  /** @param ground has the same numbers already; the one before is freed */
  moveTo(ground: PageGround): void {
    this.#ground.free();
    this.#ground = ground;
  }

  hold(): void {
    this.#holders++;
  }

  /** Once for each `hold`: what is on the page means nothing to this holder afterwards. */
  letGo(): void {
    this.#holders--;
    if (this.#holders === 0) this.#ground.free();
  }
}
