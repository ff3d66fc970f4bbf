/** Where mail for a unit comes in from other nodes: each sender's in its order, and only while the unit is here. */
import { MailCarried, MailTaken } from '../../contracts/placement-messages.ts';
import type { Address } from '../actor/address.ts';
import { Asker } from '../actor/asker.ts';
import { dueMsOf } from '../actor/deadlines.ts';
import { isRefusal } from '../actor/decision.ts';
import type { Kernel } from '../actor/kernel.ts';
import { type Item, Letter, messageOf } from '../actor/letter.ts';
import type { Down, Message } from '../actor/messages.ts';
import { NORMAL } from '../actor/priority.ts';
import { noCall } from '../remote/errors.ts';
import { remotePath } from '../remote/remote-path.ts';
import { opened } from './checked.ts';
import type { Directory } from './directory.ts';
import { notHere } from './errors.ts';
import { arrivedPath } from './names.ts';
import { FATE_MS } from './placed-crossing.ts';
import { PlacedWatch } from './placed-watch.ts';

/** How far the mail of one node has come. To forget it is safe: an order that does not begin at 1 is sent back and begins anew. */
interface Origin {
  readonly life: number;
  round: number;
  /** Number of the next piece of that round. */
  next: number;
  /** Once a piece of a round was sent back, no later one may overtake it. */
  open: boolean;
}

export class PlacedEntrance implements Address {
  readonly path: string;
  readonly #unit: string;
  readonly #kernel: Kernel;
  readonly #directory: Directory;
  readonly #taken: (receipt: MailTaken) => void;
  readonly #watch: PlacedWatch;
  /** By node. */
  readonly #origins = new Map<string, Origin>();

  /** @param taken hears that a question of this node's own is in the mailbox on another one */
  constructor(unit: string, kernel: Kernel, directory: Directory, taken: (receipt: MailTaken) => void) {
    this.path = arrivedPath(unit);
    this.#unit = unit;
    this.#kernel = kernel;
    this.#directory = directory;
    this.#taken = taken;
    this.#watch = new PlacedWatch(this.path);
  }

  get incarnation(): number {
    return this.#door()?.incarnation ?? 0;
  }

  get gone(): boolean {
    return false;
  }

  /** What finds no room in the mailbox waits on the way. What has to go back needs none. */
  get roomy(): boolean {
    return this.#door()?.roomy !== false;
  }

  deliver(item: Item, system: boolean): boolean {
    const message = messageOf(item);
    if (message.type === MailTaken.type) return this.#receipt(message);
    const mail = opened(MailCarried, message);
    if (!isRefusal(mail) && item instanceof Asker) return this.#carried(mail, item, system);
    this.#kernel.metrics.count('esper_placement_refused_total', 1, { code: 'PLACEMENT_MISREAD' });
    if (item instanceof Asker && isRefusal(mail)) item.refuse(mail);
    else this.#kernel.deadLetters.add(this.path, 'not_understood', item);
    return false;
  }

  callNow(): never {
    throw noCall(this.path);
  }

  watchedBy(watcher: object, tell: (down: Down) => void): void {
    this.#watch.begin(this.#door(), watcher, tell);
  }

  unwatchedBy(watcher: object): void {
    this.#watch.end(watcher);
  }

  #door(): Address | undefined {
    const where = this.#directory.where(this.#unit);
    return where.kind === 'here' ? this.#kernel.registry.find(where.path) : undefined;
  }

  #receipt(message: Message): boolean {
    const receipt = opened(MailTaken, message);
    if (!isRefusal(receipt)) this.#taken(receipt);
    return !isRefusal(receipt);
  }

  #carried(mail: MailCarried, carrier: Asker, system: boolean): boolean {
    const door = this.#doorFor(mail);
    if (door === undefined) {
      carrier.refuse(notHere(this.#unit, this.#kernel.node.name));
      return false;
    }
    const { priority, trace } = carrier;
    if (mail.asks) {
      this.#confirm(mail);
      door.deliver(this.#question(mail.message, carrier), system);
      return true;
    }
    const plain = priority === NORMAL && trace === null;
    door.deliver(plain ? mail.message : new Letter(mail.message, { priority, trace }), system);
    carrier.answer(true);
    return true;
  }

  /** Whom that piece may go to; nobody when it is not its turn, or the unit is not here. */
  #doorFor({ from, life, round, seq }: MailCarried): Address | undefined {
    const origin = this.#origin(from, life);
    if (life < origin.life || round < origin.round) return undefined;
    if (round > origin.round) {
      origin.round = round;
      origin.next = 1;
      origin.open = true;
    }
    const door = this.#door();
    if (door === undefined || seq !== origin.next) origin.open = false;
    if (!origin.open) return undefined;
    origin.next++;
    return door;
  }

  #origin(node: string, life: number): Origin {
    const known = this.#origins.get(node);
    if (known !== undefined && known.life >= life) return known;
    for (const other of this.#origins.keys()) if (!this.#directory.isNear(other)) this.#origins.delete(other);
    const made = { life, round: 0, next: 1, open: false };
    this.#origins.set(node, made);
    return made;
  }

  /** An answer may take its time; that the question has come must be known before. */
  #confirm({ from, life, round, seq }: MailCarried): void {
    const way = this.#kernel.registry.find(remotePath(from, this.path));
    if (way?.roomy !== false) way?.deliver(MailTaken.of({ life, round, seq }), false);
  }

  #question(message: Message, carrier: Asker): Asker {
    const { priority, trace } = carrier;
    const leftMs = Math.max(0, dueMsOf(carrier) - this.#kernel.clock.nowMs() - FATE_MS);
    return new Asker(
      message,
      this.path,
      leftMs,
      (reply) => carrier.answer(reply),
      (error) => carrier.fail(error),
      this.#kernel,
      { priority, trace },
    );
  }
}
