/** What an actor brings from the node it was on: for the first of its lives here that understands it. */
export class Brought {
  #state: unknown;

  /** @param state undefined when there is none */
  constructor(state: unknown) {
    this.#state = state;
  }

  /**
   * What `read` makes of it, once: a later life begins after a crash, and what was brought has been overtaken by then.
   * @throws what `read` throws; then it is still here
   */
  once<T>(read: (state: unknown) => T): T | undefined {
    if (this.#state === undefined) return undefined;
    const understood = read(this.#state);
    this.#state = undefined;
    return understood;
  }
}
