/** How long to wait before sending again: learned from receipts, doubled while none come. */
import type { RandomStream } from '../../contracts/random-stream.ts';

/** Milliseconds. */
const [FIRST, LEAST, MOST, SLOWEST] = [200, 60, 2_000, 5_000];

export class Pace {
  readonly #random: RandomStream;
  #smoothMs = 0;
  #factor = 1;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** A letter was sent once and receipted after `ms`. */
  measured(ms: number): void {
    this.#smoothMs = this.#smoothMs === 0 ? ms : this.#smoothMs * 0.875 + ms * 0.125;
  }

  progressed(): void {
    this.#factor = 1;
  }

  inVain(): void {
    this.#factor *= 2;
  }

  /** Milliseconds a receipt usually takes; what was sent later than that may still be under way. */
  get usualMs(): number {
    return this.#smoothMs === 0 ? FIRST : Math.max(this.#smoothMs, LEAST / 2);
  }

  /** Milliseconds to wait for a receipt, with up to a tenth of jitter. */
  nextMs(): number {
    const calm = this.#smoothMs === 0 ? FIRST : Math.min(Math.max(2.5 * this.#smoothMs, LEAST), MOST);
    return Math.min(calm * this.#factor, SLOWEST) * (1 + 0.1 * this.#random.next());
  }
}
