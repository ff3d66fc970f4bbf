/** Whom an actor watches in its present life. */
import type { Registry } from '../registry.ts';
import type { Address } from './address.ts';
import type { Down, Message, StopReason } from './messages.ts';

/** The actor that watches. */
export interface Watcher {
  /** Queues a system message, if the behaviour declares that it hears it. */
  tellSystem(message: Message): void;
}

const nobody: StopReason = { kind: 'shutdown', why: 'nobody lives there' };

export class Watching {
  readonly #watcher: Watcher;
  readonly #registry: Registry;
  readonly #watched = new Set<Address>();

  constructor(watcher: Watcher, registry: Registry) {
    this.#watcher = watcher;
    this.#registry = registry;
  }

  /** One `runtime.down` when the present incarnation at `path` ends; at once when there is none. */
  begin(path: string): void {
    const address = this.#registry.find(path);
    if (address === undefined) {
      const down: Down = { type: 'runtime.down', path, incarnation: 0, reason: nobody };
      this.#watcher.tellSystem(down);
      return;
    }
    this.#watched.add(address);
    address.watchedBy(this.#watcher, (down) => {
      this.#watched.delete(address); // whoever ended is not to be kept in memory
      this.#watcher.tellSystem(down);
    });
  }

  end(): void {
    for (const address of this.#watched) address.unwatchedBy(this.#watcher);
    this.#watched.clear();
  }
}
