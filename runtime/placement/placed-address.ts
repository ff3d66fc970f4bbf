/** The address of a unit on this node: hands messages on to where it is, and keeps them in order while it is on its way. */
import type { Address } from '../actor/address.ts';
import { Asker } from '../actor/asker.ts';
import type { Kernel } from '../actor/kernel.ts';
import { type Item, Letter, messageOf } from '../actor/letter.ts';
import type { Down, Message } from '../actor/messages.ts';
import { noCall } from '../remote/errors.ts';
import { remotePath } from '../remote/remote-path.ts';
import type { Directory, Whereabouts } from './directory.ts';
import { arrivedPath } from './names.ts';

/** Goes the old way to the unit, behind all that went before: once it has been answered, the old way is empty. */
const FLUSH: Message = Object.freeze({ type: 'placement.way_emptied' });
/** Milliseconds after which nobody waits for that any more: the node in between does not answer. */
const FLUSH_MS = 3_000;
/** Milliseconds between two looks at a door that is shut. */
const LOOK_AGAIN_MS = 20;

interface HeldItem {
  readonly item: Item;
  readonly system: boolean;
}

export class PlacedAddress implements Address {
  readonly path: string;
  readonly unit: string;
  readonly #kernel: Kernel;
  readonly #directory: Directory;
  readonly #most: number;
  readonly #watching = new Map<object, Address>();
  #held: HeldItem[] = [];
  /** Where the last message went; a change of that may overtake it. */
  #way: Whereabouts = { kind: 'nowhere' };
  #flushing = false;
  #looking: (() => void) | null = null;

  /** @param most messages kept here at a time */
  constructor(path: string, unit: string, kernel: Kernel, directory: Directory, most: number) {
    this.path = path;
    this.unit = unit;
    this.#kernel = kernel;
    this.#directory = directory;
    this.#most = most;
  }

  get incarnation(): number {
    return this.#target()?.incarnation ?? 0;
  }

  get gone(): boolean {
    return false;
  }

  get roomy(): boolean {
    if (this.#held.length > 0 || this.#flushing) return this.#held.length < this.#most;
    return this.#target()?.roomy !== false;
  }

  /** Messages that wait here. */
  get held(): number {
    return this.#held.length;
  }

  deliver(item: Item, system: boolean): boolean {
    if (this.#flushed(item)) return true;
    const target = this.#held.length > 0 || this.#flushing ? null : this.#open();
    if (target !== null) return target.deliver(item, system);
    if (this.#held.length >= this.#most) this.#held = this.#held.filter((one) => stillWanted(one.item));
    if (this.#held.length >= this.#most) return this.#turnAway(item);
    this.#held.push({ item, system });
    this.changed();
    return true;
  }

  callNow(): never {
    throw noCall(this.path);
  }

  watchedBy(watcher: object, tell: (down: Down) => void): void {
    const target = this.#target();
    if (target === undefined) {
      const reason = { kind: 'shutdown', why: 'it runs nowhere' } as const;
      tell({ type: 'runtime.down', path: this.path, incarnation: 0, reason });
      return;
    }
    this.#watching.set(watcher, target);
    target.watchedBy(watcher, (down) => {
      this.#watching.delete(watcher);
      tell({ ...down, path: this.path });
    });
  }

  unwatchedBy(watcher: object): void {
    this.#watching.get(watcher)?.unwatchedBy(watcher);
    this.#watching.delete(watcher);
  }

  /** What waits is nobody's any more: this node leaves. */
  close(): void {
    this.#looking?.();
    for (const { item } of this.#held.splice(0)) this.#kernel.deadLetters.add(this.path, 'stopped', item);
  }

  /** The unit is somewhere else, or reachable again: what waits goes on, in order. */
  changed(): void {
    if (this.#flushing) return;
    while (this.#held.length > 0) {
      const target = this.#open();
      if (target === null) return;
      const { item, system } = this.#held.shift() as HeldItem;
      if (stillWanted(item) && !this.#flushed(item)) target.deliver(item, system);
    }
  }

  /** Where the next message may go now; null when it must wait. */
  #open(): Address | null {
    const where = this.#directory.where(this.unit);
    const before = this.#way;
    if (where.kind === 'nowhere') return null;
    const elsewhere = before.kind === 'there' && !(where.kind === 'there' && where.node === before.node);
    this.#way = where;
    if (elsewhere && this.#directory.isNear(before.node)) {
      this.#flush(before.node);
      return null;
    }
    const target = this.#target();
    if (target === undefined) this.#lookLater();
    return target ?? null;
  }

  /** It runs here and its door is shut: it fell, and is being helped up. */
  #lookLater(): void {
    this.#looking ??= this.#kernel.clock.after(LOOK_AGAIN_MS, () => {
      this.#looking = null;
      this.changed();
    });
  }

  #target(): Address | undefined {
    const where = this.#directory.where(this.unit);
    if (where.kind === 'nowhere') return undefined;
    const path = where.kind === 'here' ? where.path : remotePath(where.node, arrivedPath(this.unit));
    return this.#kernel.registry.find(path);
  }

  /** The old way has brought all it had to where the unit is. */
  #flushed(item: Item): boolean {
    if (messageOf(item).type !== FLUSH.type || this.#directory.where(this.unit).kind !== 'here') return false;
    if (item instanceof Letter) item.answer(true);
    return true;
  }

  #flush(node: string): void {
    this.#flushing = true;
    const done = () => {
      this.#flushing = false;
      this.changed();
    };
    const asker = new Asker(FLUSH, this.path, FLUSH_MS, done, done, this.#kernel);
    const old = this.#kernel.registry.find(remotePath(node, arrivedPath(this.unit)));
    if (old === undefined) asker.fail(noCall(this.path));
    else old.deliver(asker, false);
  }

  #turnAway(item: Item): false {
    this.#kernel.deadLetters.add(this.path, 'outbox_full', item);
    if (item instanceof Asker)
      item.refuse({ refused: 'UNIT_MAIL_FULL', details: { unit: this.unit, held: this.#held.length } });
    return false;
  }
}

/** Who has given up waiting for an answer needs none. */
const stillWanted = (item: Item): boolean => !(item instanceof Asker) || item.awaited;
