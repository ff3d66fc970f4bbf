/** One line that says how far it is, how fast it goes and when it will be done. */

export class Progress {
  readonly #total: number;
  readonly #startedMs = performance.now();
  #done = 0;
  #shownMs = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1_000;
  }

  /** @param failed runs that broke something so far */
  step(failed: number): void {
    this.#done++;
    const nowMs = performance.now();
    const often = process.stderr.isTTY ? 200 : 10_000;
    if (nowMs - this.#shownMs < often && this.#done < this.#total) return;
    this.#shownMs = nowMs;
    const rate = this.#done / this.seconds;
    const left = Math.ceil((this.#total - this.#done) / rate);
    const line = `${this.#done}/${this.#total} runs, ${rate.toFixed(1)} a second, ${failed} failed, ${left} s left`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
    if (process.stderr.isTTY && this.#done === this.#total) process.stderr.write('\n');
  }
}
