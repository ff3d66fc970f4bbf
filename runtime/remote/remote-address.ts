/** The address of an actor on another node: whatever is delivered here goes into the outbox for that node. */
import type { Address } from '../actor/address.ts';
import type { Item } from '../actor/letter.ts';
import type { Down } from '../actor/messages.ts';
import { noCall } from './errors.ts';
import type { Peer } from './peer.ts';
import { remotePath } from './remote-path.ts';

export class RemoteAddress implements Address {
  readonly path: string;
  readonly #peer: Peer;
  readonly #there: string;

  /** @param there the path within its node */
  constructor(peer: Peer, there: string) {
    this.path = remotePath(peer.node, there);
    this.#peer = peer;
    this.#there = there;
  }

  /** The life last heard of; 0 when none was. */
  get incarnation(): number {
    return this.#peer.incarnationOf(this.#there);
  }

  /** Whoever lives there may come back with its node, under the same address. */
  get gone(): boolean {
    return false;
  }

  get roomy(): boolean {
    return this.#peer.roomy;
  }

  deliver(item: Item, system: boolean): boolean {
    return this.#peer.deliver(this.#there, item, system);
  }

  callNow(): never {
    throw noCall(this.path);
  }

  watchedBy(watcher: object, tell: (down: Down) => void): void {
    this.#peer.watch(this.#there, watcher, tell);
  }

  unwatchedBy(watcher: object): void {
    this.#peer.unwatch(this.#there, watcher);
  }
}
