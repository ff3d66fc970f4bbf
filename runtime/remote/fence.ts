/** The other half of a lease: whatever it protects refuses those whose epoch has passed. */
import type { Refusal } from '../../contracts/failure.ts';
import { staleEpoch } from './errors.ts';

export class Fence {
  readonly #name: string;
  #newest: number;

  /** @param newest epoch it has already seen, when it remembers one */
  constructor(name: string, newest = 0) {
    this.#name = name;
    this.#newest = newest;
  }

  /** Keep it with the state that is protected: a fence that forgets is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Nothing when the writer may write; STALE_EPOCH when a newer one has been here. */
  refuses(epoch: number): Refusal | undefined {
    if (epoch < this.#newest) return staleEpoch(this.#name, epoch, this.#newest);
    this.#newest = epoch;
    return undefined;
  }
}
