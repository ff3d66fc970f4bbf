/** A gate between two steps: somebody may close it for a while, and nothing that is computed knows of it. */

export class Halt {
  #opened: Promise<void> | null = null;
  #open: () => void = () => {};

  get closed(): boolean {
    return this.#opened !== null;
  }

  /** False when it was closed already. */
  close(): boolean {
    if (this.#opened !== null) return false;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    return true;
  }

  /** False when it was open already. */
  open(): boolean {
    if (this.#opened === null) return false;
    this.#opened = null;
    this.#open();
    return true;
  }

  /** Resolves when it is open, or when whoever waits is no longer wanted. */
  async passed(signal: AbortSignal): Promise<void> {
    while (this.#opened !== null && !signal.aborted) {
      const left = new AbortController();
      const gone = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true, signal: left.signal });
      });
      await Promise.race([this.#opened, gone]);
      left.abort();
    }
  }
}
