/** Starts its children in order, helps up those that fall, and gives up when they fall too often. */
import { type Birth, overtaken } from '../actor/birth.ts';
import { Cell } from '../actor/cell.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from '../actor/checkpoints.ts';
import { asError, codeOf } from '../actor/errors.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { Lifecycle, StopReason } from '../actor/messages.ts';
import type { Child, Overseer, Patience, Place } from '../actor/overseer.ts';
import type { TreeNode } from '../actor/tree-node.ts';
import { andThen, inOrder, isPromise, type Maybe } from '../maybe.ts';
import type { Owner } from '../ports/ownership.ts';
import { Admin, type House } from './admin.ts';
import { gaveUp, noGroup, startFailed } from './errors.ts';
import { GroupDuty } from './group-duty.ts';
import { Holding } from './holding.ts';
import { Pool } from './pool.ts';
import { type Context, reportCrash, reportShutdown } from './reports.ts';
import { respecify } from './respecify.ts';
import { RestartLimit } from './restart-limit.ts';
import { type Round, Rounds, type RoundsHouse } from './rounds.ts';
import { seedOf } from './seed.ts';
import { type Slot, Slots, type Supervised, type Tree } from './slots.ts';
import { type ChildSpec, patienceOf, type SupervisorSpec } from './spec.ts';
import { Starter, type StarterHouse } from './starter.ts';
import { shouldRestart } from './strategy.ts';

/** One thing to deal with at a time. */
type Duty =
  | {
      readonly kind: 'ended';
      readonly child: Child;
      readonly incarnation: number;
      readonly reason: StopReason;
    }
  | { readonly kind: 'not_restarted'; readonly slot: Slot; readonly error: Error }
  | { readonly kind: 'start'; readonly round: Round };

export class Supervisor implements Tree, Overseer, House, StarterHouse, RoundsHouse {
  readonly path: string;
  readonly kernel: Kernel;
  readonly slots = new Slots();
  #spec: SupervisorSpec;
  readonly #overseer: Overseer;
  readonly #respecified: (spec: SupervisorSpec) => void;
  readonly #admin = new Admin(this);
  readonly #limit: RestartLimit;
  readonly #rounds = new Rounds(this);
  readonly #starter: Starter;
  #group: GroupDuty | null = null;
  #lifecycle: Lifecycle = 'starting';
  #incarnation = 0;
  /** Rises whenever what is under way must no longer count. */
  #life = 0;
  #crashes = 0;
  #duties: Duty[] = [];
  #onDuty = false;
  readonly #holding = new Holding();

  /** @param respecified hears of every live change, so that a later life begins with it */
  constructor(
    kernel: Kernel,
    spec: SupervisorSpec,
    path: string,
    overseer: Overseer,
    respecified: (spec: SupervisorSpec) => void = () => {},
  ) {
    this.path = path;
    this.kernel = kernel;
    this.#spec = spec;
    this.#overseer = overseer;
    this.#respecified = respecified;
    this.#limit = new RestartLimit(kernel, path);
    this.#starter = new Starter(this, kernel.log);
    if (spec.onFailure === 'rollback') this.#group = new GroupDuty(kernel, path, spec, this.slots);
  }

  get lifecycle(): Lifecycle {
    return this.#lifecycle;
  }
  get incarnation(): number {
    return this.#incarnation;
  }
  get life(): number {
    return this.#life;
  }
  get owner(): Owner | null {
    return this.#holding.owner;
  }
  get spec(): SupervisorSpec {
    return this.#spec;
  }

  adopt(owner: Owner | null): Maybe<void> {
    const metrics = () => ({ restarts: this.#limit.count, crashes: this.#crashes });
    return this.#holding.take(owner, this.#spec.id, metrics, () => this.#disowned());
  }

  /** Whoever owns its existence took it away: it has ended, and not by itself. */
  #disowned(): void {
    if (this.#lifecycle !== 'ready' && this.#lifecycle !== 'starting') return;
    const killed = { kind: 'killed', why: 'its owner was destroyed' } as const;
    void this.#end(killed.why, () => this.#overseer.exited(this, killed));
  }

  /**
   * Starts all children in order. If one cannot start, those before it are stopped again.
   * @throws SUPERVISOR_START_FAILED naming the child, with its error as cause
   */
  start(): Maybe<Birth> {
    const context = this.#incarnation === 0 ? 'start' : 'restart';
    this.#lifecycle = this.#incarnation === 0 ? 'starting' : 'restarting';
    this.#incarnation++;
    this.#forget();
    this.kernel.stewards.add(this.#admin);
    this.slots.plan(this.#spec.children);
    const life = this.#life;
    const begun = inOrder(this.slots.list(), (slot) => {
      if (life !== this.#life) return;
      const failed = (error: Error) => (life === this.#life ? this.#startFailed(slot, error) : undefined);
      return andThen(this.startChild(slot, context, failed), () => {});
    });
    return andThen(begun, () => {
      if (life !== this.#life) return overtaken;
      this.#lifecycle = 'ready';
      this.#work();
    });
  }

  #startFailed(slot: Slot, cause: Error): Maybe<void> {
    reportCrash(this.kernel.log, this.path, 'start_error', slot.spec.id, cause);
    this.#forget();
    const life = this.#life;
    const reason = { kind: 'shutdown', why: `${slot.spec.id} could not start` } as const;
    return andThen(this.#retireAll(reason), () => {
      if (life !== this.#life) return;
      this.#lifecycle = 'suspended';
      throw startFailed(`${this.path}/${slot.spec.id}`, cause);
    });
  }

  startChild(slot: Slot, context: Context, failed: (error: Error) => Maybe<void>): Maybe<Birth> {
    return this.#starter.start(slot, context, failed);
  }

  make(slot: Slot): Supervised {
    const { spec } = slot;
    const path = `${this.path}/${spec.id}`;
    const respecified = (changed: typeof spec) => {
      slot.spec = changed;
    };
    switch (spec.kind) {
      case 'worker':
        return new Cell(this.kernel, seedOf(spec, path, slot.lives), this);
      case 'pool':
        return new Pool(this.kernel, spec, path, this, respecified);
      case 'supervisor':
        return new Supervisor(this.kernel, spec, path, this, respecified);
    }
  }

  crashed(child: Child, error: Error): void {
    this.exited(child, { kind: 'crashed', error });
  }

  exited(child: Child, reason: StopReason): void {
    this.#duties.push({ kind: 'ended', child, incarnation: child.incarnation, reason });
    this.#work();
  }

  /**
   * Deals with what happened, one thing after the other; at once, as long as nothing has to be waited for. Under
   * one_for_one no child waits for another.
   */
  #work(): void {
    while (!this.#onDuty && this.#lifecycle === 'ready') {
      const duty = this.#duties.shift();
      if (duty === undefined) return;
      const life = this.#life;
      this.#onDuty = true;
      const done = this.#attempt(duty);
      if (isPromise(done) && this.#spec.strategy !== 'one_for_one') {
        void done.then(() => this.#offDuty(life));
        return;
      }
      if (life !== this.#life) return;
      this.#onDuty = false;
    }
  }

  /** What goes wrong here is its own failure, and for its own overseer to deal with. */
  #attempt(duty: Duty): Maybe<void> {
    const life = this.#life;
    const failed = (thrown: unknown) => (life === this.#life ? this.#escalate(asError(thrown)) : undefined);
    try {
      const done = this.#deal(duty);
      return isPromise(done) ? done.catch(failed) : done;
    } catch (thrown) {
      return failed(thrown);
    }
  }

  #offDuty(life: number): void {
    if (life !== this.#life) return;
    this.#onDuty = false;
    this.#work();
  }

  #deal(duty: Duty): Maybe<void> {
    if (duty.kind === 'start') return this.#rounds.start(duty.round);
    if (duty.kind === 'not_restarted') {
      const { slot, error } = duty;
      // Somebody gave up the place, or started the child by hand.
      if (!this.slots.has(slot) || !slot.restarting) return;
      return this.#fell(slot, { kind: 'crashed', error }, 'start_error');
    }
    const { child, incarnation, reason } = duty;
    const slot = this.slots.of(child);
    // A later life is already running, or the place was given up, or is being cleared: old news.
    if (!slot || slot.clearing !== null || child.incarnation !== incarnation) return;
    if (child.lifecycle !== 'suspended') return;
    return this.#fell(slot, reason, 'child_terminated');
  }

  #fell(slot: Slot, reason: StopReason, context: Context): Maybe<void> {
    if (reason.kind === 'crashed') {
      this.#crashes++;
      reportCrash(this.kernel.log, this.path, context, slot.spec.id, reason.error);
    }
    if (slot.leaving || !shouldRestart(slot.spec.restart, reason)) return this.#letGo(slot, reason);
    const pauseMs = this.#limit.next(this.#spec);
    if (pauseMs === null) return this.#escalate(gaveUp(this.path, slot.spec.id, this.#spec, reason));
    slot.labels ??= { supervisor: this.#spec.id, child: slot.spec.id };
    this.kernel.metrics.count('esper_restarts_total', 1, slot.labels);
    if (reason.kind === 'crashed' && this.#group?.group.ready)
      return this.#rollBack(this.#group, slot, reason.error);
    return this.#rounds.restart(slot, reason, pauseMs);
  }

  /** It ended for good, by itself. */
  #letGo(slot: Slot, reason: StopReason): Maybe<void> {
    const { spec } = slot;
    return andThen(this.slots.clear(slot, reason), () => {
      if (spec.significant && this.#spec.autoShutdown !== 'never') return this.#afterSignificant();
    });
  }

  #afterSignificant(): Maybe<void> {
    const others = this.slots.list().some(({ spec, child }) => spec.significant && child !== null);
    if (this.#spec.autoShutdown === 'all_significant' && others) return;
    const reason = { kind: 'shutdown', why: 'its significant children have ended' } as const;
    return this.#end(reason.why, () => {
      reportShutdown(this.kernel.log, this.path, reason);
      this.#overseer.exited(this, reason);
    });
  }

  #escalate(error: Error): Maybe<void> {
    return this.#end(error.message, () => {
      reportShutdown(this.kernel.log, this.path, { kind: 'crashed', error });
      this.#overseer.crashed(this, error);
    });
  }

  /** Ends all children, then itself, and tells its own overseer. */
  #end(why: string, tell: () => void): Maybe<void> {
    this.#forget();
    const life = this.#life;
    this.#lifecycle = 'stopping';
    const reason: StopReason = { kind: 'shutdown', why };
    return andThen(this.#retireAll(reason), () => {
      if (life !== this.#life) return;
      this.#lifecycle = 'suspended';
      tell();
    });
  }

  ended(slots: readonly Slot[]): void {
    if (slots.length === this.slots.list().length) this.#group?.group.dropMail();
  }

  resume(round: Round): void {
    this.#duties.push({ kind: 'start', round });
    this.#work();
  }

  notRestarted(slot: Slot, error: Error): void {
    this.#duties.push({ kind: 'not_restarted', slot, error });
    this.#work();
  }

  endRound(slot: Slot): void {
    this.#rounds.endOf(slot);
  }

  #rollBack(duty: GroupDuty, slot: Slot, error: Error): Maybe<void> {
    const { child } = slot;
    try {
      duty.restore(child, error.message, { child: slot.spec.id, code: codeOf(error) }, undefined);
    } catch (thrown) {
      return this.#escalate(asError(thrown));
    }
    if (child instanceof Cell && child.participates) return child.revive();
    return this.#rounds.restart(slot, { kind: 'crashed', error }, 0, [slot]);
  }

  get group(): Checkpoints | null {
    return this.#group?.group ?? null;
  }

  checkpoints(): Checkpoints {
    if (this.group === null) throw noGroup(this.path);
    return this.group;
  }

  rollback(askedBy: Child, reason: string, details: unknown, before?: CheckpointId): RollbackOutcome {
    if (this.#group === null) throw noGroup(this.path);
    return this.#group.restore(askedBy, reason, details, before);
  }

  amend(spec: ChildSpec): void {
    if (spec.kind === 'supervisor') respecify(this, spec);
  }

  /** Takes the spec as its own; its places are in order already. */
  respecify(spec: SupervisorSpec): void {
    this.#spec = spec;
    this.#respecified(spec);
    if (spec.onFailure === 'rollback') {
      this.#group ??= new GroupDuty(this.kernel, this.path, spec, this.slots);
      return;
    }
    this.#group?.group.clear();
    this.#group = null;
  }

  retire(reason: StopReason): Maybe<void> {
    if (this.#lifecycle === 'stopped') return;
    this.#forget();
    this.#lifecycle = 'stopping';
    const life = this.#life;
    return andThen(this.#retireAll(reason), () => {
      if (life === this.#life) this.#lifecycle = 'restarting';
    });
  }

  stop(reason: StopReason, _patience?: Patience, place: Place = 'released'): Maybe<void> {
    if (this.#lifecycle === 'stopped') return;
    this.#forget();
    this.#lifecycle = 'stopping';
    const ended = inOrder(this.slots.list().toReversed(), (slot) =>
      slot.child?.stop(reason, patienceOf(slot.spec), 'left_to_owner'),
    );
    return andThen(ended, () => {
      this.#group?.group.clear();
      this.#lifecycle = 'stopped';
      this.kernel.stewards.remove(this.#admin);
      for (const slot of this.slots.list()) this.slots.vacate(slot);
      return this.#holding.giveBack(place);
    });
  }

  /** Those of the plan keep their place for the next life; the others are gone. */
  #retireAll(reason: StopReason): Maybe<void> {
    const all = inOrder(this.slots.list().toReversed(), (slot) => {
      slot.restarting = false;
      if (slot.planned) return this.slots.makeWay(slot, reason);
      const { child } = slot;
      this.slots.remove(slot);
      return child?.stop(reason, patienceOf(slot.spec));
    });
    return andThen(all, () => this.#group?.group.end());
  }

  /** Whatever was planned or happened in the life so far no longer matters. */
  #forget(): void {
    this.#life++;
    this.#rounds.endAll();
    this.#duties = [];
    this.#limit.clear();
    this.#onDuty = false;
  }

  snapshot(): TreeNode {
    return {
      id: this.#spec.id,
      path: this.path,
      kind: 'supervisor',
      lifecycle: this.#lifecycle,
      incarnation: this.#incarnation,
      restart: this.#spec.restart,
      mailbox: this.#duties.length,
      handled: 0,
      crashes: this.#crashes,
      children: this.slots.list().flatMap(({ child }) => (child === null ? [] : [child.snapshot()])),
    };
  }
}
