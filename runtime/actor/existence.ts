/** A cell's place in the tree of existence, and what its owner may do with it there. */
import type { OwnedHooks, Owner } from '../ports/ownership.ts';
import type { Message } from './messages.ts';

/** The cell that is owned. */
export interface Existing {
  readonly gone: boolean;
  readonly crashes: number;
  readonly loop: { readonly depth: number; readonly handled: number };
  deliver(message: Message, system: boolean): boolean;
  disowned(): void;
}

export class Existence implements OwnedHooks {
  readonly #cell: Existing;
  #place: Owner | null = null;

  constructor(cell: Existing) {
    this.#cell = cell;
  }

  /** @throws OWNERSHIP_CLOSED */
  async begin(owner: Owner, name: string): Promise<void> {
    const place = await owner.own(name, this);
    if (this.#cell.gone)
      await place.release(); // it did not wait for its place
    else this.#place = place;
  }

  enqueue(message: unknown): void {
    this.#cell.deliver(message as Message, false);
  }

  metrics(): Readonly<Record<string, number>> {
    const { loop, crashes } = this.#cell;
    return { mailbox: loop.depth, handled: loop.handled, crashes };
  }

  destroyed(): void {
    this.#cell.disowned();
  }

  release(): Promise<void> | undefined {
    return this.#place?.release();
  }
}
