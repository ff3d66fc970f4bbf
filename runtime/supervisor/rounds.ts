/** Restarts under way: who comes back together, in which order, and what ends it when it is no longer wanted. */
import type { Birth } from '../actor/birth.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { StopReason } from '../actor/messages.ts';
import { andThen, inOrder, type Maybe } from '../maybe.ts';
import type { Context } from './reports.ts';
import type { Slot, Slots } from './slots.ts';
import type { SupervisorSpec } from './spec.ts';
import { affected } from './strategy.ts';

export interface Round {
  /** In start order. */
  readonly slots: readonly Slot[];
  /** Whose end began it. */
  readonly died: Slot;
  /** Nothing of it counts any more. */
  over: boolean;
  /** Ends the pause it is in. */
  cancel(): void;
}

/** The supervisor whose children come back. */
export interface RoundsHouse {
  readonly kernel: Kernel;
  readonly slots: Slots;
  readonly spec: SupervisorSpec;
  startChild(slot: Slot, context: Context, failed: (error: Error) => Maybe<void>): Maybe<Birth>;
  /** These lives are over; the next ones have not begun. */
  ended(slots: readonly Slot[]): void;
  /** The pause is over: `start` it when nothing else is being done. */
  resume(round: Round): void;
  /** The child could not be started again. */
  notRestarted(slot: Slot, error: Error): void;
}

const nothing = () => {};

export class Rounds {
  readonly #house: RoundsHouse;
  readonly #open = new Set<Round>();

  constructor(house: RoundsHouse) {
    this.#house = house;
  }

  /**
   * Ends those that the strategy names in reverse, waits `pauseMs`, starts them in order.
   * @param slots who takes part, if not those
   */
  restart(died: Slot, reason: StopReason, pauseMs: number, slots = this.#affected(died)): Maybe<void> {
    const { kernel } = this.#house;
    const round = this.#begin(slots, died);
    died.restarting = true;
    const why: StopReason = { kind: 'shutdown', why: `${died.spec.id} restarts` };
    const ended = inOrder(slots.toReversed(), (slot) =>
      this.#house.slots.makeWay(slot, slot === died ? reason : why),
    );
    return andThen(ended, () => {
      if (round.over) return;
      this.#house.ended(slots);
      kernel.failPoints?.hit('supervisorBetweenStopAndStart');
      if (pauseMs === 0) return this.start(round);
      round.cancel = kernel.clock.after(pauseMs, () => this.#house.resume(round));
    });
  }

  /** A child that cannot start has fallen again; those after it wait for the round that this begins. */
  start(round: Round): Maybe<void> {
    const failed = (slot: Slot, error: Error) => {
      if (round.over) return;
      this.#end(round);
      round.died.restarting = false;
      slot.restarting = true;
      this.#house.notRestarted(slot, error);
    };
    const begun = inOrder(round.slots, (slot) => {
      if (round.over || !this.#house.slots.has(slot) || isBusy(slot)) return;
      return andThen(
        this.#house.startChild(slot, 'restart', (error) => failed(slot, error)),
        nothing,
      );
    });
    return andThen(begun, () => this.#end(round));
  }

  /** The child is not wanted back: what its end began is over. */
  endOf(slot: Slot): void {
    for (const round of this.#open) if (round.died === slot) this.#end(round);
    slot.restarting = false;
  }

  endAll(): void {
    for (const round of this.#open) this.#end(round);
  }

  #affected(died: Slot): readonly Slot[] {
    const { strategy } = this.#house.spec;
    return affected(strategy, strategy === 'one_for_one' ? [] : this.#house.slots.list(), died);
  }

  /** A wider round takes over the narrower ones in it. */
  #begin(slots: readonly Slot[], died: Slot): Round {
    if (slots.length > 1)
      for (const other of this.#open) if (slots.includes(other.died)) this.endOf(other.died);
    const round: Round = { slots, died, over: false, cancel: nothing };
    this.#open.add(round);
    return round;
  }

  #end(round: Round): void {
    round.over = true;
    round.cancel();
    this.#open.delete(round);
  }
}

/** Started by hand meanwhile: it runs, or is about to end by itself and will be dealt with then. */
const isBusy = ({ child }: Slot) => child?.lifecycle === 'ready' || child?.lifecycle === 'stopping';
