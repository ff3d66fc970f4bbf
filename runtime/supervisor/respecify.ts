/** A new plan for a tree that runs: all of it, or, if there is a mistake in it, nothing. */
import type { Refusal } from '../../contracts/failure.ts';
import { Cell } from '../actor/cell.ts';
import { refuse } from '../actor/decision.ts';
import type { StopReason } from '../actor/messages.ts';
import { refusalOf } from './errors.ts';
import { seedOf } from './seed.ts';
import { type Slot, type Slots, stateOf } from './slots.ts';
import { type ChildSpec, patienceOf, type SupervisorSpec } from './spec.ts';
import { problemsOf } from './validate.ts';

/** Whose plan it is. */
export interface Planned {
  readonly path: string;
  readonly slots: Slots;
  /** The child is no longer wanted back. */
  endRound(slot: Slot): void;
  /** Takes the spec as its own. */
  respecify(spec: SupervisorSpec): void;
}

/** What is wrong with `next` as the new spec of whoever lives at `path` by `now`, or null. */
export function mistakeIn(next: ChildSpec, now: ChildSpec, path: string): Refusal | null {
  if (next?.kind !== now.kind) return refuse('SPEC_INVALID_KIND', { path, kind: now.kind });
  if (next.id !== now.id) return refuse('SPEC_INVALID_ID', { path, id: next.id });
  const [problem] = problemsOf(next, path.slice(0, -now.id.length - 1));
  return problem === undefined ? null : refusalOf(problem);
}

/** Puts a checked spec in force, here and in the trees below that it describes too. */
export function respecify(house: Planned, spec: SupervisorSpec): void {
  const { slots } = house;
  const wanted = new Map(spec.children.map((child) => [child.id, child]));
  for (const slot of slots.list()) {
    const next = wanted.get(slot.spec.id);
    if (next !== undefined) alter(slot, next, `${house.path}/${next.id}`);
    else if (slot.planned) forget(house, slot);
  }
  slots.plan(spec.children);
  house.respecify(spec);
}

/** Whoever lives there goes on; what is new counts from the next life on, or at once in a tree. */
function alter(slot: Slot, next: ChildSpec, path: string): void {
  const before = slot.spec;
  const { child } = slot;
  slot.spec = next;
  slot.planned = true;
  slot.leaving = false;
  if (next.kind !== before.kind) slot.former = null;
  else if (slot.former !== null) slot.former.amend(next);
  if (child === null || next === before) return;
  if (child instanceof Cell) {
    const same = next.kind === 'worker' && before.kind === 'worker';
    if (same && next.definition === before.definition && next.register === before.register)
      child.reseed(seedOf(next, path));
    else slot.outdated = true;
  } else if (next.kind === before.kind) child.amend(next);
  else slot.outdated = true;
}

/** One that runs may go on until it ends; a place where nobody runs is given up now. */
function forget(house: Planned, slot: Slot): void {
  slot.leaving = true;
  if (stateOf(slot) === 'running') return;
  house.endRound(slot);
  const gone: StopReason = { kind: 'shutdown', why: 'no longer in the plan' };
  void slot.child?.stop(gone, patienceOf(slot.spec));
  house.slots.remove(slot);
}
