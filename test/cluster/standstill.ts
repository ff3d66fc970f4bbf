/** How long the whole machine stood still, as far as a timer can tell: what is late by that is nobody's fault. */
import { nowMs } from './real-life.ts';

const BEAT_MS = 100;
/** Pauses below it are those of a machine that has much else to do. */
const LEAST_MS = 1_000;

export class Standstill {
  readonly #timer: NodeJS.Timeout;
  #lastMs = nowMs();
  #longestMs = 0;
  #allMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), BEAT_MS).unref();
  }

  /** Milliseconds of the longest pause until now. */
  get longestMs(): number {
    this.#look();
    return this.#longestMs;
  }

  /** Milliseconds of all pauses until now. */
  get allMs(): number {
    this.#look();
    return this.#allMs;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const pauseMs = nowMs() - this.#lastMs - BEAT_MS;
    this.#lastMs = nowMs();
    if (pauseMs < LEAST_MS) return;
    this.#longestMs = Math.max(this.#longestMs, pauseMs);
    this.#allMs += pauseMs;
  }
}
