/** A supervisor's office: answers what it is asked while it runs, and does what it is told by hand. */
import type { Refusal } from '../../contracts/failure.ts';
import { type Birth, ignore, overtaken, Started } from '../actor/birth.ts';
import { Cell } from '../actor/cell.ts';
import type { Checkpoints } from '../actor/checkpoints.ts';
import { refuse } from '../actor/decision.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { Lifecycle, Message, StopReason } from '../actor/messages.ts';
import { PathRef } from '../actor/path-ref.ts';
import type { Ref } from '../actor/ref.ts';
import type { Maybe } from '../maybe.ts';
import { refusalOf, startRefused } from './errors.ts';
import type { ChildCount, ChildInfo, ChildStarted } from './handle.ts';
import type { Context } from './reports.ts';
import { mistakeIn, type Planned, respecify } from './respecify.ts';
import { type Slot, stateOf } from './slots.ts';
import { type ChildSpec, patienceOf, type SupervisorSpec } from './spec.ts';
import { officeIn, type Steward } from './stewards.ts';
import { problemsOf } from './validate.ts';

/** The supervisor behind the office. */
export interface House extends Planned {
  readonly kernel: Kernel;
  readonly lifecycle: Lifecycle;
  readonly spec: SupervisorSpec;
  /** Null when it keeps no checkpoints. */
  readonly group: Checkpoints | null;
  startChild(slot: Slot, context: Context, failed: (error: Error) => Maybe<void>): Maybe<Birth>;
}

const byHand: StopReason = { kind: 'shutdown', why: 'terminated by hand' };

export class Admin implements Steward {
  readonly pool = null;
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  get path(): string {
    return this.#house.path;
  }

  get office(): Steward['office'] {
    return officeIn(this.#house.lifecycle);
  }

  children(): readonly ChildInfo[] {
    return this.#house.slots.list().map((slot) => this.#info(slot));
  }

  child(id: string): ChildInfo | Refusal {
    const slot = this.#house.slots.get(id);
    return slot === undefined ? this.#notFound(id) : this.#info(slot);
  }

  count(): ChildCount {
    const all = this.#house.slots.list();
    const workers = all.filter(({ spec }) => spec.kind === 'worker').length;
    const active = all.filter((slot) => stateOf(slot) === 'running').length;
    return { specs: all.length, active, supervisors: all.length - workers, workers };
  }

  spec(id: string): ChildSpec | Refusal {
    return this.#house.slots.get(id)?.spec ?? this.#notFound(id);
  }

  async start(spec: ChildSpec): Promise<ChildStarted | Refusal> {
    const { slots, path, spec: own } = this.#house;
    const [problem] = problemsOf(spec, path);
    if (problem !== undefined) return refusalOf(problem);
    if (spec.significant && own.autoShutdown === 'never')
      return refuse('SPEC_INVALID_SIGNIFICANT', { path, id: spec.id, autoShutdown: 'never' });
    const there = slots.get(spec.id);
    if (there !== undefined) {
      const running = stateOf(there) === 'running';
      const code = running ? 'SUPERVISOR_CHILD_ALREADY_STARTED' : 'SUPERVISOR_CHILD_ALREADY_PRESENT';
      return refuse(code, { path: this.#pathOf(there) });
    }
    const slot = slots.add(spec, false);
    const started = await this.#begin(slot);
    if ('refused' in started && slots.has(slot) && slot.child === null) slots.remove(slot);
    return started;
  }

  async terminate(id: string): Promise<Refusal | null> {
    const slot = this.#house.slots.get(id);
    if (slot === undefined) return this.#notFound(id);
    this.#house.endRound(slot);
    await this.#house.slots.clear(slot, byHand);
    return null;
  }

  async restart(id: string): Promise<ChildStarted | Refusal> {
    const slot = this.#house.slots.get(id);
    if (slot === undefined) return this.#notFound(id);
    return this.#occupied(slot) ?? (await this.#begin(slot));
  }

  delete(id: string): Refusal | null {
    const slot = this.#house.slots.get(id);
    if (slot === undefined) return this.#notFound(id);
    const occupied = this.#occupied(slot);
    if (occupied !== null) return occupied;
    void slot.child?.stop(byHand, patienceOf(slot.spec));
    this.#house.slots.remove(slot);
    return null;
  }

  checkpoints(): Checkpoints | Refusal {
    return this.#house.group ?? refuse('ROLLBACK_NO_GROUP', { path: this.path });
  }

  change(spec: SupervisorSpec): Refusal | null {
    const mistake = mistakeIn(spec, this.#house.spec, this.path);
    if (mistake === null) respecify(this.#house, spec);
    return mistake;
  }

  async #begin(slot: Slot): Promise<ChildStarted | Refusal> {
    const { slots, kernel } = this.#house;
    let failure: Error | null = null;
    const birth = await this.#house.startChild(slot, 'start', (error) => {
      failure = error;
      const { child } = slot;
      slots.vacate(slot);
      return child?.stop({ kind: 'crashed', error }, null);
    });
    if (failure !== null) return startRefused(this.#pathOf(slot), failure);
    if (birth === overtaken) {
      const reason = 'stopped before it had started';
      return refuse('SUPERVISOR_CHILD_START_FAILED', { path: this.#pathOf(slot), reason });
    }
    const ref = birth === ignore ? null : new PathRef(this.#pathOf(slot), kernel);
    return { ref, info: birth instanceof Started ? birth.info : undefined };
  }

  #occupied(slot: Slot): Refusal | null {
    const state = stateOf(slot);
    if (state === 'undefined') return null;
    const code = state === 'running' ? 'SUPERVISOR_CHILD_RUNNING' : 'SUPERVISOR_CHILD_RESTARTING';
    return refuse(code, { path: this.#pathOf(slot) });
  }

  #info(slot: Slot): ChildInfo {
    const { id, kind, restart, significant } = slot.spec;
    const state = stateOf(slot);
    return {
      id,
      path: this.#pathOf(slot),
      state,
      ref: state === 'running' ? this.#refOf(slot) : null,
      kind: kind === 'worker' ? 'worker' : 'supervisor',
      restart,
      significant,
    };
  }

  #refOf(slot: Slot): Ref<Message> {
    return slot.child instanceof Cell ? slot.child.ref : new PathRef(this.#pathOf(slot), this.#house.kernel);
  }

  #pathOf(slot: Slot): string {
    return `${this.#house.path}/${slot.spec.id}`;
  }

  #notFound(id: string): Refusal {
    return refuse('SUPERVISOR_CHILD_NOT_FOUND', { path: this.#house.path, id });
  }
}
