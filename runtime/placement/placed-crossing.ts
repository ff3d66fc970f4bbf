/** Mail on its way to the node a unit is on: numbered, and known in its order until each piece was taken there, came back or was lost. */
import { EsperError } from '../../contracts/failure.ts';
import { MailCarried, type MailTaken } from '../../contracts/placement-messages.ts';
import type { Address } from '../actor/address.ts';
import { Asker } from '../actor/asker.ts';
import { dueMsOf } from '../actor/deadlines.ts';
import type { Kernel } from '../actor/kernel.ts';
import { type Item, Letter, messageOf } from '../actor/letter.ts';
import { NOT_HERE } from './errors.ts';

/** One message for the unit. */
export interface Mail {
  readonly item: Item;
  readonly system: boolean;
}

export interface CrossingWorld {
  readonly kernel: Kernel;
  /** The address it was sent to. */
  readonly path: string;
  /** The round is over: this came back, in order, and was certainly not delivered. */
  returned(mail: readonly Mail[]): void;
  /** There is room for more, or nothing is under way any more. */
  progressed(): void;
}

interface Flight {
  readonly mail: Mail;
  readonly round: number;
  readonly seq: number;
  back: boolean;
}

/** Pieces under way at a time. */
const WINDOW = 256;
/** Pieces after mail came back, until one has been taken: whoever has just said no may say it again. */
const WINDOW_AFTER_NO = 1;

/**
 * Milliseconds for which the fate of a piece is awaited beyond its own deadline. Far longer than a node can be out of reach
 * before it is down: what nobody awaits could still arrive, behind what was sent later.
 */
export const FATE_MS = 600_000;

export class Crossing {
  readonly #world: CrossingWorld;
  #node = '';
  #round = 0;
  #seq = 0;
  /** No more of this round: something came back, or was lost. */
  #closed = true;
  #window = WINDOW;
  #flying: Flight[] = [];
  /** In the hands of the way to the other node, which keeps what it cannot take as a dead letter itself. */
  #handing: Flight | null = null;

  constructor(world: CrossingWorld) {
    this.#world = world;
  }

  /** Pieces of which nobody knows yet whether they were taken. */
  get size(): number {
    return this.#flying.length;
  }

  /** May another piece go to that node? Not while any is under way to a different one. */
  takes(node: string): boolean {
    if (this.#flying.length === 0) return true;
    return node === this.#node && !this.#closed && this.#flying.length < this.#window;
  }

  /** Once `takes` has said yes. @param target where mail for the unit comes in on that node */
  send(target: Address, node: string, mail: Mail): void {
    if (this.#closed || node !== this.#node) {
      this.#node = node;
      this.#round++;
      this.#seq = 0;
      this.#closed = false;
    }
    const { kernel, path } = this.#world;
    const { item, system } = mail;
    const flight: Flight = { mail, round: this.#round, seq: ++this.#seq, back: false };
    const carried = MailCarried.of({
      from: kernel.node.name,
      life: kernel.node.epoch,
      round: flight.round,
      seq: flight.seq,
      asks: item instanceof Asker,
      message: messageOf(item),
    });
    const leftMs = item instanceof Asker ? Math.max(0, dueMsOf(item) - kernel.clock.nowMs()) : 0;
    const writing = item instanceof Letter ? { priority: item.priority, trace: item.trace } : null;
    const carrier = new Asker(
      carried,
      path,
      leftMs + FATE_MS,
      (reply) => this.#answered(flight, reply),
      (error) => this.#failed(flight, error),
      kernel,
      writing,
    );
    this.#flying.push(flight);
    this.#handing = flight;
    target.deliver(carrier, system);
    this.#handing = null;
  }

  /** A question is in the mailbox over there. */
  taken({ life, round, seq }: MailTaken): void {
    if (life !== this.#world.kernel.node.epoch) return;
    const flight = this.#flying.find((one) => one.round === round && one.seq === seq);
    if (flight !== undefined) this.#landed(flight);
  }

  #answered(flight: Flight, reply: unknown): void {
    const { item } = flight.mail;
    if (item instanceof Asker) item.answer(reply);
    this.#landed(flight);
  }

  #landed(flight: Flight): void {
    if (!this.#remove(flight)) return;
    this.#window = WINDOW;
    this.#settle();
  }

  #failed(flight: Flight, error: Error): void {
    const underWay = this.#flying.includes(flight);
    if (underWay && cameBack(error)) {
      flight.back = true;
      this.#closed = true;
      this.#window = WINDOW_AFTER_NO;
      this.#settle();
      return;
    }
    const { item } = flight.mail;
    const down = error instanceof EsperError && error.code === 'NODE_DOWN';
    if (underWay && down) this.#closed = true;
    if (item instanceof Asker) {
      if (item.awaited) item.fail(error);
    } else if (underWay && this.#handing !== flight) {
      // It may have been delivered: to send it again could deliver it twice.
      this.#world.kernel.deadLetters.add(this.#world.path, down ? 'node_down' : 'unsendable', item);
    }
    if (this.#remove(flight)) this.#settle();
  }

  #remove(flight: Flight): boolean {
    const at = this.#flying.indexOf(flight);
    if (at >= 0) this.#flying.splice(at, 1);
    return at >= 0;
  }

  /** What came back goes on only when all of its round is known: a piece between could have been taken. */
  #settle(): void {
    if (this.#closed && this.#flying.length > 0 && this.#flying.every(({ back }) => back))
      this.#world.returned(this.#flying.splice(0).map(({ mail }) => mail));
    else this.#world.progressed();
  }
}

/** The unit is not there, or that node does not know of it yet. */
function cameBack(error: Error): boolean {
  if (!(error instanceof EsperError)) return false;
  return (
    error.code === 'ACTOR_GONE' || (error.code === 'ACTOR_REFUSED' && error.details.refused === NOT_HERE)
  );
}
