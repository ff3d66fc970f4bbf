/** Watches on a unit by its name: whoever watches hears of the life that was there when they began. */
import type { Address } from '../actor/address.ts';
import type { Down } from '../actor/messages.ts';

export class PlacedWatch {
  readonly #path: string;
  readonly #watching = new Map<object, Address>();

  /** @param path the name that watchers know it by */
  constructor(path: string) {
    this.#path = path;
  }

  /** @param target where the unit is now; without one, the watcher is told at once */
  begin(target: Address | undefined, watcher: object, tell: (down: Down) => void): void {
    if (target === undefined) {
      const reason = { kind: 'shutdown', why: 'it runs nowhere' } as const;
      tell({ type: 'runtime.down', path: this.#path, incarnation: 0, reason });
      return;
    }
    this.#watching.set(watcher, target);
    target.watchedBy(watcher, (down) => {
      this.#watching.delete(watcher);
      tell({ ...down, path: this.#path });
    });
  }

  end(watcher: object): void {
    this.#watching.get(watcher)?.unwatchedBy(watcher);
    this.#watching.delete(watcher);
  }
}
