/** The places of one supervisor, in start order: who is meant to live there, and who does. */
import { Cell } from '../actor/cell.ts';
import type { StopReason } from '../actor/messages.ts';
import type { Child } from '../actor/overseer.ts';
import { isPromise, type Maybe } from '../maybe.ts';
import type { Labels } from '../ports/metrics.ts';
import type { Owner } from '../ports/ownership.ts';
import type { ChildInfo } from './handle.ts';
import { type ChildSpec, patienceOf } from './spec.ts';

/** A whole tree below a supervisor. */
export interface Tree extends Child {
  /** Takes a place in the tree of existence; once, before the first start. */
  adopt(owner: Owner | null): Maybe<void>;
  /** Another spec of the same kind for the life under way, already checked. */
  amend(spec: ChildSpec): void;
}

/** Anything that can fill a place. */
export type Supervised = Cell | Tree;

/** A child's place: who fills it may change. */
export interface Slot {
  spec: ChildSpec;
  child: Supervised | null;
  /** It fell and is due to come back. */
  restarting: boolean;
  /** From the supervisor's own spec; those started by hand do not outlive a life of their supervisor. */
  planned: boolean;
  /** No longer in the plan: runs on until it ends. */
  leaving: boolean;
  /** The spec now describes somebody else: whoever lives here is replaced, not restarted. */
  outdated: boolean;
  /** Being stopped for good; the place is free when this is done. */
  clearing: Promise<void> | null;
  /** Incarnations so far: whoever comes next is the next one. */
  lives: number;
  /** The tree that lived here: it comes back as itself, and knows how often its children have lived. */
  former: Tree | null;
  /** Made once: restarts are counted often. */
  labels: Labels | null;
}

export class Slots {
  readonly #byId = new Map<string, Slot>();
  readonly #byChild = new Map<Child, Slot>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Slot | undefined {
    return this.#byId.get(id);
  }

  of(child: Child): Slot | undefined {
    return this.#byChild.get(child);
  }

  has(slot: Slot): boolean {
    return this.#byId.get(slot.spec.id) === slot;
  }

  /** In start order. */
  list(): readonly Slot[] {
    return [...this.#byId.values()];
  }

  /** A place behind all others. */
  add(spec: ChildSpec, planned: boolean): Slot {
    const slot: Slot = {
      spec,
      child: null,
      restarting: false,
      planned,
      leaving: false,
      outdated: false,
      clearing: null,
      lives: 0,
      former: null,
      labels: null,
    };
    this.#byId.set(spec.id, slot);
    return slot;
  }

  fill(slot: Slot, child: Supervised): void {
    slot.child = child;
    slot.former = null;
    slot.outdated = false;
    this.#byChild.set(child, slot);
  }

  /** Nobody lives there any more; a place that is not kept is given up. */
  vacate(slot: Slot): void {
    const { child } = slot;
    if (child !== null) {
      this.#byChild.delete(child);
      slot.lives = child.incarnation;
      if (!(child instanceof Cell)) slot.former = child;
    }
    slot.child = null;
    slot.restarting = false;
    if (!isKept(slot)) this.remove(slot);
  }

  /** Stops whoever lives there for good; the place is kept if the spec says so. */
  clear(slot: Slot, reason: StopReason): Maybe<void> {
    if (slot.clearing !== null) return slot.clearing;
    const { child } = slot;
    const cleared = () => {
      slot.clearing = null;
      if (slot.child === child) this.vacate(slot);
    };
    const stopped = child?.stop(reason, patienceOf(slot.spec));
    if (!isPromise(stopped)) return cleared();
    slot.clearing = stopped.then(cleared);
    return slot.clearing;
  }

  /**
   * Ends the life there to make room for the next. One that is not to come back, or comes back as somebody else, is gone
   * for good; the others keep their mailbox and their refs.
   */
  makeWay(slot: Slot, reason: StopReason): Maybe<void> {
    const { child, spec, restarting, clearing } = slot;
    if (clearing !== null) return clearing;
    if (child === null) return;
    if (isKept(slot) && !slot.outdated) return child.retire(reason, patienceOf(spec));
    this.vacate(slot);
    slot.restarting = restarting;
    return child.stop(reason, patienceOf(spec));
  }

  remove(slot: Slot): void {
    if (slot.child !== null) this.#byChild.delete(slot.child);
    if (this.has(slot)) this.#byId.delete(slot.spec.id);
  }

  /** A place for every child of a plan, in its order; those that are there keep who lives in them. */
  plan(specs: readonly ChildSpec[]): void {
    for (const spec of specs) if (!this.#byId.has(spec.id)) this.add(spec, true);
    this.order(specs.map(({ id }) => id));
  }

  /** Brings the places into the order of `ids`; those not named come last, in the order they had. */
  order(ids: readonly string[]): void {
    const last = new Map(this.#byId);
    const first = ids.flatMap((id) => {
      const slot = last.get(id);
      last.delete(id);
      return slot === undefined ? [] : [slot];
    });
    this.#byId.clear();
    for (const slot of [...first, ...last.values()]) this.#byId.set(slot.spec.id, slot);
  }
}

/** A temporary child, or one no longer in the plan, leaves nothing behind: neither spec nor args. */
export const isKept = (slot: Slot): boolean => slot.spec.restart !== 'temporary' && !slot.leaving;

/** As OTP's `which_children` tells it: who waits for the round of another is not there. */
export function stateOf({ child, restarting }: Slot): ChildInfo['state'] {
  if (restarting) return 'restarting';
  switch (child?.lifecycle) {
    case undefined:
    case 'restarting':
    case 'stopped':
      return 'undefined';
    case 'suspended':
      return 'restarting';
    default:
      return 'running';
  }
}
