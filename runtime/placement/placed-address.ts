/** The address of a unit on this node: brings messages to where it is, and keeps them in order while it is on its way. */
import type { MailTaken } from '../../contracts/placement-messages.ts';
import type { Address } from '../actor/address.ts';
import { Asker } from '../actor/asker.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { Item } from '../actor/letter.ts';
import type { Down } from '../actor/messages.ts';
import { noCall } from '../remote/errors.ts';
import { remotePath } from '../remote/remote-path.ts';
import type { Directory } from './directory.ts';
import { arrivedPath, placedPath } from './names.ts';
import { Crossing, type Mail } from './placed-crossing.ts';
import { PlacedWatch } from './placed-watch.ts';

/** Milliseconds between two looks at a door that is shut, or a way that is full. */
const LOOK_AGAIN_MS = 10;
/** Least and longest pause, in milliseconds, before mail that came back goes out again. */
const PAUSE_MS: readonly [least: number, most: number] = [20, 200];

/**
 * Only the node that a message was sent on keeps it; nodes in between pass nothing on. What comes back from a node that the
 * unit has left goes out again in front of what came later.
 */
export class PlacedAddress implements Address {
  readonly path: string;
  readonly unit: string;
  readonly #kernel: Kernel;
  readonly #directory: Directory;
  readonly #most: number;
  readonly #watch: PlacedWatch;
  readonly #crossing: Crossing;
  #waiting: Mail[] = [];
  #pauseMs = PAUSE_MS[0];
  /** Ends the pause after mail came back. */
  #endPause: (() => void) | null = null;
  #endLook: (() => void) | null = null;
  /** Called when nothing is under way, while somebody waits for that. */
  #drained: () => void = () => {};
  #going = false;
  #over = false;

  /** @param most messages kept here at a time, those under way included */
  constructor(unit: string, kernel: Kernel, directory: Directory, most: number) {
    this.path = placedPath(unit);
    this.unit = unit;
    this.#kernel = kernel;
    this.#directory = directory;
    this.#most = most;
    this.#watch = new PlacedWatch(this.path);
    this.#crossing = new Crossing({
      kernel,
      path: this.path,
      returned: (mail) => this.#returned(mail),
      progressed: () => {
        this.#pauseMs = PAUSE_MS[0];
        this.#goOn();
        if (this.#crossing.size === 0) this.#drained();
      },
    });
  }

  get incarnation(): number {
    return this.#target()?.incarnation ?? 0;
  }

  get gone(): boolean {
    return false;
  }

  get roomy(): boolean {
    return this.held > 0 ? this.held < this.#most : this.#target()?.roomy !== false;
  }

  /** Messages that wait here, or are on their way to another node. */
  get held(): number {
    return this.#waiting.length + this.#crossing.size;
  }

  deliver(item: Item, system: boolean): boolean {
    if (this.held === 0 && this.#directory.where(this.unit).kind === 'here') {
      const door = this.#target();
      // What finds no room waits here, as it would on the way from another node.
      if (door !== undefined && (system || door.roomy !== false)) return door.deliver(item, system);
    }
    if (this.held >= this.#most) this.#waiting = this.#waiting.filter((mail) => stillWanted(mail.item));
    if (this.held >= this.#most || this.#over) return this.#turnAway(item);
    this.#waiting.push({ item, system });
    this.#goOn();
    return true;
  }

  callNow(): never {
    throw noCall(this.path);
  }

  watchedBy(watcher: object, tell: (down: Down) => void): void {
    this.#watch.begin(this.#target(), watcher, tell);
  }

  unwatchedBy(watcher: object): void {
    this.#watch.end(watcher);
  }

  /** A question from here is in the mailbox on another node. */
  taken(receipt: MailTaken): void {
    this.#crossing.taken(receipt);
  }

  /** Resolves when nothing is under way any more; undefined when nothing is. */
  drained(): Promise<void> | undefined {
    if (this.#crossing.size === 0) return undefined;
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** What waits is nobody's any more: this node leaves. */
  close(): void {
    this.#over = true;
    this.#endPause?.();
    this.#endLook?.();
    for (const { item } of this.#waiting.splice(0)) this.#kernel.deadLetters.add(this.path, 'stopped', item);
  }

  /** The unit is somewhere else, or reachable again: what waits goes on, in order. */
  changed(): void {
    this.#endPause?.();
    this.#endPause = null;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#going || this.#over) return;
    this.#going = true;
    while (this.#waiting.length > 0 && this.#next());
    this.#going = false;
  }

  /** Sends the first that waits. False when it has to wait on. */
  #next(): boolean {
    const mail = this.#waiting[0] as Mail;
    const where = this.#directory.where(this.unit);
    if (!stillWanted(mail.item)) {
      this.#waiting.shift();
      return true;
    }
    if (where.kind === 'nowhere' || this.#endPause !== null) return false;
    // Also on the node where the unit is now: its own earlier mail may still be under way to where the unit was.
    const free = where.kind === 'here' ? this.#crossing.size === 0 : this.#crossing.takes(where.node);
    if (!free) return false;
    const target = this.#target();
    if (target === undefined || (target.roomy === false && !mail.system)) {
      this.#lookLater();
      return false;
    }
    this.#waiting.shift();
    if (where.kind === 'here') target.deliver(mail.item, mail.system);
    else this.#crossing.send(target, where.node, mail);
    return true;
  }

  #returned(mail: readonly Mail[]): void {
    this.#waiting.unshift(...mail);
    this.#endPause?.();
    this.#endPause = this.#kernel.clock.after(this.#pauseMs, () => this.changed());
    this.#pauseMs = Math.min(PAUSE_MS[1], this.#pauseMs * 2);
    this.#drained();
  }

  /** Its door is shut, because it fell and is being helped up; or there is no room. */
  #lookLater(): void {
    this.#endLook ??= this.#kernel.clock.after(LOOK_AGAIN_MS, () => {
      this.#endLook = null;
      this.#goOn();
    });
  }

  #target(): Address | undefined {
    const where = this.#directory.where(this.unit);
    if (where.kind === 'nowhere') return undefined;
    const path = where.kind === 'here' ? where.path : remotePath(where.node, arrivedPath(this.unit));
    return this.#kernel.registry.find(path);
  }

  #turnAway(item: Item): false {
    this.#kernel.deadLetters.add(this.path, 'outbox_full', item);
    if (item instanceof Asker)
      item.refuse({ refused: 'UNIT_MAIL_FULL', details: { unit: this.unit, held: this.held } });
    return false;
  }
}

/** Who has given up waiting for an answer needs none. */
const stillWanted = (item: Item): boolean => !(item instanceof Asker) || item.awaited;
