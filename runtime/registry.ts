/** Paths to whoever lives there now, and names some of them are known by. One path, one actor; one name, one actor. */
import { EsperError } from '../contracts/failure.ts';
import type { Address } from './actor/address.ts';

/** What a ref to a name begins with; no path does. */
const NAMED = '@';

export class Registry {
  readonly #byPath = new Map<string, Address>();
  readonly #byName = new Map<string, Address>();
  readonly #elsewhere: ((path: string) => Address | undefined) | null;

  /** @param elsewhere looks on other nodes for a path that nobody lives at here */
  constructor(elsewhere: ((path: string) => Address | undefined) | null = null) {
    this.#elsewhere = elsewhere;
  }

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

  /** By path, or by name as `@name`. */
  find(path: string): Address | undefined {
    if (path.startsWith(NAMED)) return this.#byName.get(path.slice(NAMED.length));
    return this.#byPath.get(path) ?? this.#elsewhere?.(path);
  }

  /** Claiming a name twice is harmless. @throws REGISTRY_NAME_TAKEN with the `path` of whoever has it */
  claim(name: string, address: Address): void {
    const holder = this.#byName.get(name);
    if (holder === address) return;
    if (holder !== undefined) {
      throw new EsperError(
        'REGISTRY_NAME_TAKEN',
        `${address.path}: ${holder.path} is known as ${name} already`,
        { name, path: holder.path },
        { hint: 'Stop that one first, or register under another name.' },
      );
    }
    this.#byName.set(name, address);
  }

  /** Only whoever has the name can give it up. */
  release(name: string, address: Address): void {
    if (this.#byName.get(name) === address) this.#byName.delete(name);
  }
}
