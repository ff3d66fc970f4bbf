/** What the broker has stored in the last seconds, kept for saying it again: its machine may die before its disk has it. */
import { Ring } from '../../runtime/actor/ring.ts';

/** Milliseconds: what a disk is given at least to have what its program was told is safe. */
const KEEP_MS = 10_000;
/** Said again later than this it could be stored twice: the broker knows ids for 120 s. */
const SAFE_MS = 100_000;
const MOST = 4_096;
const MOST_BYTES = 16 * 2 ** 20;

export interface Stored {
  /** Bytes that are kept with it. */
  readonly size: number;
  /** Monotonic, of the first time that it was stored. */
  readonly storedMs: number;
}

export class JustStored<T extends Stored> {
  readonly #kept = new Ring<T>();
  #bytes = 0;

  get size(): number {
    return this.#kept.size;
  }

  add(one: T): void {
    this.#kept.push(one);
    this.#bytes += one.size;
    for (
      let oldest = this.#kept.peek();
      oldest && this.#lets(oldest, one.storedMs);
      oldest = this.#kept.peek()
    )
      this.#shift();
  }

  /** Takes out all that may be said again, oldest first. */
  take(nowMs: number): readonly T[] {
    const all: T[] = [];
    while (this.#kept.size > 0) {
      const one = this.#shift();
      if (one && nowMs - one.storedMs < SAFE_MS) all.push(one);
    }
    return all;
  }

  #lets({ storedMs }: T, nowMs: number): boolean {
    return nowMs - storedMs > KEEP_MS || this.#kept.size > MOST || this.#bytes > MOST_BYTES;
  }

  #shift(): T | undefined {
    const one = this.#kept.shift();
    this.#bytes -= one?.size ?? 0;
    return one;
  }
}
