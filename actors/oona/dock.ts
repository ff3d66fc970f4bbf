/** Where messages of one subscription arrive: what has to be fetched first keeps its place in line. */
import type { ArtifactStore, BusMessage } from '../../runtime/index.ts';
import { isLoaded, unloaded } from './freight.ts';

export class Dock {
  readonly #store: ArtifactStore;
  /** What everything that arrives now has to wait for. */
  #before: Promise<void> | null = null;

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /**
   * Exactly one of both is called, once: in the order of arrival, and at once when nothing has to be fetched.
   * @param failed with what `unloaded` throws
   */
  take(message: BusMessage, hand: (whole: BusMessage) => void, failed: (thrown: unknown) => void): void {
    if (this.#before === null && !isLoaded(message)) {
      hand(message);
      return;
    }
    const mine = this.#fetched(this.#before, message)
      .then(hand, failed)
      .finally(() => {
        if (this.#before === mine) this.#before = null;
      });
    this.#before = mine;
  }

  async #fetched(before: Promise<void> | null, message: BusMessage): Promise<BusMessage> {
    await before;
    return isLoaded(message) ? unloaded(this.#store, message) : message;
  }
}
