/** Those who wait for the next change of a journal; waking nobody costs nothing. */
export class Watchers {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `wake`, or when the signal aborts. */
  change(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      this.#waiting.push(stop);
      signal?.addEventListener('abort', stop);
    });
  }

  wake(): void {
    if (this.#waiting.length === 0) return;
    const woken = this.#waiting;
    this.#waiting = [];
    for (const stop of woken) stop();
  }
}
