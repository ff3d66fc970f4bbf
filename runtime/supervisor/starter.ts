/** Fills places and begins lives in them. */
import { type Birth, ignore, overtaken } from '../actor/birth.ts';
import { asError } from '../actor/errors.ts';
import { normal } from '../actor/messages.ts';
import { andThen, isPromise, type Maybe } from '../maybe.ts';
import type { Log } from '../ports/log.ts';
import type { Owner } from '../ports/ownership.ts';
import { type Context, reportProgress } from './reports.ts';
import type { Slot, Slots, Supervised } from './slots.ts';

/** The supervisor that starts them. */
export interface StarterHouse {
  readonly path: string;
  readonly slots: Slots;
  /** Rises whenever what is under way must no longer count. */
  readonly life: number;
  /** Its own place in the tree of existence. */
  readonly owner: Owner | null;
  /** @throws REGISTRY_PATH_TAKEN */
  make(slot: Slot): Supervised;
}

export class Starter {
  readonly #house: StarterHouse;
  readonly #log: Log;

  constructor(house: StarterHouse, log: Log) {
    this.#house = house;
    this.#log = log;
  }

  /** Begins a life in the place, with whoever lives there already or somebody new. `failed` hears why that was not possible. */
  start(slot: Slot, context: Context, failed: (error: Error) => Maybe<void>): Maybe<Birth> {
    if (slot.clearing !== null) {
      const { life } = this.#house;
      return slot.clearing.then(() =>
        life === this.#house.life ? this.start(slot, context, failed) : overtaken,
      );
    }
    if (!this.#house.slots.has(slot)) return overtaken;
    // Somebody else started it while this waited for the place to be free.
    if (slot.child?.lifecycle === 'ready') return undefined;
    const fail = (thrown: unknown) => andThen(failed(asError(thrown)), () => undefined);
    let born: Maybe<Birth>;
    try {
      born = this.#begin(slot);
    } catch (thrown) {
      return fail(thrown);
    }
    if (!isPromise(born)) return this.#born(slot, context, born);
    return born.then((birth) => this.#born(slot, context, birth), fail);
  }

  #begin(slot: Slot): Maybe<Birth> {
    const { life, owner } = this.#house;
    const child = slot.child ?? this.#fill(slot);
    const adopted = child.adopt(owner);
    if (!isPromise(adopted)) return child.start();
    return adopted.then(() =>
      life === this.#house.life && slot.child === child ? child.start() : overtaken,
    );
  }

  #fill(slot: Slot): Supervised {
    const child = slot.former ?? this.#house.make(slot);
    this.#house.slots.fill(slot, child);
    return child;
  }

  /** One that ignores its start leaves its place empty; that is no failure. */
  #born(slot: Slot, context: Context, birth: Birth): Maybe<Birth> {
    const { child } = slot;
    if (child === null || birth === overtaken) return birth;
    if (birth === ignore) {
      this.#house.slots.vacate(slot);
      return andThen(child.stop(normal, null), () => birth);
    }
    if (child.lifecycle === 'ready') slot.restarting = false;
    // Nobody will need them again, and they may be large.
    if (slot.spec.kind === 'worker' && slot.spec.restart === 'temporary')
      slot.spec = { ...slot.spec, args: undefined };
    reportProgress(this.#log, this.#house.path, context, slot.spec.id);
    return birth;
  }
}
