/** Commands by hand that wait for their place in a run, and those of an earlier life that are given again at theirs. */
import {
  type CommandedBy,
  type CommandRefusal,
  EsperError,
  type RunCommand,
  type RunCommanded,
} from '../../contracts/index.ts';
import type { Moment } from '../triad.ts';
import { settingsRefused } from './live-settings.ts';

/** Commands that wait at once. */
const WAITING_MAX = 64;

/** What became of a command. */
export interface OrderOutcome {
  readonly number: number;
  readonly boundary: number;
  readonly step: number;
  readonly refused: CommandRefusal | null;
  readonly text: string;
}

/** A command that was taken on. */
export interface Given {
  readonly number: number;
  /** Resolves when it has acted or was refused, which may be after the next boundary. */
  readonly outcome: Promise<OrderOutcome>;
}

export interface Order {
  readonly number: number;
  readonly command: RunCommand;
  readonly by: CommandedBy;
}

/** Where an order acts: a boundary, or for a rollback the step behind one. */
interface Place {
  readonly boundary: number;
  readonly step: number;
}

interface Known extends Order {
  /** Null while it waits. Once it has a place it keeps it, or training that is repeated would come out differently. */
  place: Place | null;
  /** What it came to is known. */
  settled: boolean;
  readonly tell: (outcome: OrderOutcome) => void;
}

export class Orders {
  readonly #all: Known[];
  /** Up to here a run repeats what it did, in this life or an earlier one: nothing new may act before it is passed. */
  #lastCommitted: number;
  #over: CommandRefusal | null = null;

  /**
   * @param told what the journal says of earlier lives
   * @param lastCommitted boundary up to which this life repeats an earlier one
   */
  constructor(told: readonly RunCommanded[] = [], lastCommitted = -1) {
    this.#all = told
      .map(({ number, command, by, boundary, step }) => {
        return { number, command, by, place: { boundary, step }, settled: true, tell: () => {} };
      })
      .sort((a, b) => a.number - b.number);
    this.#lastCommitted = lastCommitted;
  }

  /** @throws TOLARIA_RUN_OVER, TOLARIA_ORDERS_FULL, TOLARIA_SETTING_FIXED, TOLARIA_SETTING_INVALID */
  give(command: RunCommand, by: CommandedBy): Given {
    const refused = this.#over ?? this.#atOnce(command);
    if (refused !== null) throw refusedCommand(refused);
    const number = 1 + this.#all.reduce((most, order) => Math.max(most, order.number), 0);
    const outcome = new Promise<OrderOutcome>((tell) => {
      this.#all.push({ number, command, by, place: null, settled: false, tell });
    });
    return { number, outcome };
  }

  /** Those that act at this boundary: the same ones whenever it is run again. At most one of them plants. */
  at({ boundary, step, regular }: Moment): readonly Order[] {
    if (regular && boundary > this.#lastCommitted) this.#place({ boundary, step });
    return this.#all.filter(
      ({ command, place }) => command.do !== 'rollback' && place?.boundary === boundary,
    );
  }

  /**
   * The rollback that is due before the next step. They strike in the order of their numbers, as they did before.
   * @param struck numbers of those that have
   */
  rollbackAt(boundary: number, step: number, struck: readonly number[]): Order | null {
    const next = this.#all.find(
      ({ number, command, place }) =>
        command.do === 'rollback' &&
        !struck.includes(number) &&
        (place === null || place.boundary >= boundary),
    );
    if (next === undefined) return null;
    if (next.place === null && boundary >= this.#lastCommitted) next.place = { boundary, step };
    return next.place?.boundary === boundary && next.place.step === step ? next : null;
  }

  /** A boundary is committed: what had its place there and came to nothing, because adaptation paused, waits for another. */
  passed(boundary: number, done: readonly { readonly number: number }[]): void {
    this.#lastCommitted = Math.max(this.#lastCommitted, boundary);
    for (const order of this.#all) {
      if (done.some(({ number }) => number === order.number)) order.settled = true;
      else if (!order.settled && order.place?.boundary === boundary && order.command.do !== 'rollback')
        order.place = null;
    }
  }

  /** Whoever gave it hears what came of it. */
  settle(outcome: OrderOutcome): void {
    this.#all.find(({ number }) => number === outcome.number)?.tell(outcome);
  }

  /** The run is over: what still waits never acts. */
  close(): void {
    this.#over = refuse('TOLARIA_RUN_OVER', 'the run ended before it could be done', 'esper run show');
    for (const { number, place, tell } of this.#all) {
      if (place === null)
        tell({ number, boundary: 0, step: 0, refused: this.#over, text: this.#over.message });
    }
  }

  #atOnce(command: RunCommand): CommandRefusal | null {
    if (this.#all.filter(({ place }) => place === null).length >= WAITING_MAX)
      return refuse('TOLARIA_ORDERS_FULL', `${WAITING_MAX} commands wait already`, 'wait for a boundary');
    return command.do === 'set' ? settingsRefused(command.settings) : null;
  }

  #place(place: Place): void {
    let plants = this.#all.some((order) => germinates(order) && order.place?.boundary === place.boundary);
    for (const order of this.#all) {
      if (order.place !== null || order.command.do === 'rollback' || (germinates(order) && plants)) continue;
      order.place = place;
      plants ||= germinates(order);
    }
  }
}

/** What whoever commanded it hears. */
export const refusedCommand = ({ code, message, hint }: CommandRefusal): EsperError =>
  new EsperError(code, message, { hint }, { hint });

const germinates = ({ command }: Order) => command.do === 'germinate';
const refuse = (code: string, message: string, hint: string): CommandRefusal => ({ code, message, hint });
