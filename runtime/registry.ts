/** Paths to whoever lives there now. One path, one actor. */
import { EsperError } from '../contracts/failure.ts';
import type { Address } from './actor/address.ts';

export class Registry {
  readonly #byPath = new Map<string, Address>();

  /** @throws REGISTRY_PATH_TAKEN */
  add(address: Address): void {
    if (this.#byPath.has(address.path)) {
      throw new EsperError(
        'REGISTRY_PATH_TAKEN',
        `somebody lives at ${address.path} already`,
        { path: address.path },
        { hint: 'Give siblings different ids.' },
      );
    }
    this.#byPath.set(address.path, address);
  }

  /** Only whoever lives there can move out. */
  remove(address: Address): void {
    if (this.#byPath.get(address.path) === address) this.#byPath.delete(address.path);
  }

  find(path: string): Address | undefined {
    return this.#byPath.get(path);
  }
}
