/** Starts its children in order, helps up those that fall, and gives up when they fall too often. */
import { EsperError } from '../../contracts/failure.ts';
import { Cell } from '../actor/cell.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from '../actor/checkpoints.ts';
import { asError } from '../actor/errors.ts';
import type { Kernel } from '../actor/kernel.ts';
import type { Lifecycle, RolledBack, StopReason } from '../actor/messages.ts';
import type { Child, Overseer } from '../actor/overseer.ts';
import type { TreeNode } from '../actor/tree-node.ts';
import { andThen, inOrder, isPromise, type Maybe } from '../maybe.ts';
import type { Owner } from '../ports/ownership.ts';
import { backoffMs } from './backoff.ts';
import { gaveUp, noGroup, startFailed } from './errors.ts';
import { addRestart } from './intensity.ts';
import { RollbackGroup } from './rollback-group.ts';
import { type ChildSpec, patienceOf, type SupervisorSpec } from './spec.ts';
import { affected, shouldRestart } from './strategy.ts';

/** A child's place: the spec stays, who fills it may change. */
interface Slot {
  readonly spec: ChildSpec;
  child: Supervised | null;
}

type Supervised = Cell | Supervisor;

/** One thing to deal with at a time. */
type Duty =
  | {
      readonly kind: 'ended';
      readonly child: Child;
      readonly incarnation: number;
      readonly reason: StopReason;
    }
  | { readonly kind: 'start'; readonly round: readonly Slot[] };

export class Supervisor implements Child, Overseer {
  readonly path: string;
  readonly #kernel: Kernel;
  readonly #spec: SupervisorSpec;
  readonly #overseer: Overseer;
  readonly #group: RollbackGroup | null;
  #lifecycle: Lifecycle = 'starting';
  #incarnation = 0;
  #life = 0;
  #slots: Slot[] = [];
  #restarts: readonly number[] = [];
  #crashes = 0;
  #duties: Duty[] = [];
  #onDuty = false;
  readonly #pauses = new Set<() => void>();
  #owner: Owner | null = null;

  constructor(kernel: Kernel, spec: SupervisorSpec, path: string, overseer: Overseer) {
    this.path = path;
    this.#kernel = kernel;
    this.#spec = spec;
    this.#overseer = overseer;
    this.#group = spec.onFailure === 'rollback' ? this.#makeGroup() : null;
  }

  get lifecycle(): Lifecycle {
    return this.#lifecycle;
  }
  get incarnation(): number {
    return this.#incarnation;
  }

  adopt(owner: Owner | null): Maybe<void> {
    if (owner === null || this.#owner !== null) return;
    const hooks = {
      enqueue: () => {},
      metrics: () => ({ restarts: this.#restarts.length, crashes: this.#crashes }),
      destroyed: () => void this.stop({ kind: 'killed', why: 'its owner was destroyed' }),
    };
    return owner.own(this.#spec.id, hooks).then((place) => {
      this.#owner = place;
    });
  }

  /**
   * Starts all children in order. If one cannot start, those before it are stopped again.
   * @throws SUPERVISOR_START_FAILED naming the child, with its error as cause
   */
  start(): Maybe<void> {
    this.#lifecycle = this.#incarnation === 0 ? 'starting' : 'restarting';
    this.#incarnation++;
    this.#forget();
    const known = new Map(this.#slots.map((slot) => [slot.spec, slot]));
    this.#slots = this.#spec.children.map((spec) => known.get(spec) ?? { spec, child: null });
    const life = this.#life;
    const overtaken = () => life !== this.#life;
    const started = inOrder(this.#slots, (slot) => {
      if (overtaken()) return;
      return this.#startChild(slot, (error) => (overtaken() ? undefined : this.#startFailed(slot, error)));
    });
    return andThen(started, () => {
      if (overtaken()) return;
      this.#lifecycle = 'ready';
      this.#work();
    });
  }

  #startFailed(slot: Slot, cause: Error): Maybe<void> {
    this.#forget();
    const reason = { kind: 'shutdown', why: `${slot.spec.id} could not start` } as const;
    return andThen(this.#retireAll(reason), () => {
      this.#lifecycle = 'suspended';
      throw startFailed(`${this.path}/${slot.spec.id}`, cause);
    });
  }

  #startChild(slot: Slot, failed: (error: Error) => Maybe<void>): Maybe<void> {
    const child = slot.child ?? this.#make(slot.spec);
    slot.child = child;
    const begin = (): Maybe<void> => {
      const started = child.start();
      if (isPromise(started)) return started.catch((thrown) => failed(asError(thrown)));
    };
    const run = (): Maybe<void> => {
      try {
        return begin();
      } catch (thrown) {
        return failed(asError(thrown));
      }
    };
    return andThen(child.adopt(this.#owner), run);
  }

  #make(spec: ChildSpec): Supervised {
    const path = `${this.path}/${spec.id}`;
    if (spec.kind === 'supervisor') return new Supervisor(this.#kernel, spec, path, this);
    const { id, definition, args, restart } = spec;
    return new Cell(this.#kernel, { id, path, definition, args, restart, patience: patienceOf(spec) }, this);
  }

  crashed(child: Child, error: Error): void {
    this.#ended(child, { kind: 'crashed', error });
  }

  exited(child: Child, reason: StopReason): void {
    this.#ended(child, reason);
  }

  #ended(child: Child, reason: StopReason): void {
    this.#duties.push({ kind: 'ended', child, incarnation: child.incarnation, reason });
    this.#work();
  }

  /** Deals with what happened, one thing after the other; at once, as long as nothing has to be waited for. */
  #work(): void {
    while (!this.#onDuty && this.#lifecycle === 'ready') {
      const duty = this.#duties.shift();
      if (duty === undefined) return;
      const life = this.#life;
      this.#onDuty = true;
      const done = this.#deal(duty);
      if (isPromise(done)) {
        void done.then(() => this.#offDuty(life));
        return;
      }
      if (life !== this.#life) return;
      this.#onDuty = false;
    }
  }

  #offDuty(life: number): void {
    if (life !== this.#life) return;
    this.#onDuty = false;
    this.#work();
  }

  #deal(duty: Duty): Maybe<void> {
    if (duty.kind === 'start') return this.#startRound(duty.round);
    const { child, incarnation, reason } = duty;
    const slot = this.#slots.find((one) => one.child === child);
    // A later life is already running, or the place was given up: old news.
    if (!slot || child.incarnation !== incarnation || child.lifecycle !== 'suspended') return;
    if (reason.kind === 'crashed') this.#report(slot, reason.error);
    if (!shouldRestart(slot.spec.restart, reason)) return this.#letGo(slot, reason);
    const { restarts, exceeded } = addRestart(this.#restarts, this.#kernel.clock.nowMs(), this.#spec);
    this.#restarts = restarts;
    if (exceeded) return this.#giveUp(slot, reason);
    this.#kernel.metrics.count('esper_restarts_total', 1, { supervisor: this.#spec.id, child: slot.spec.id });
    if (reason.kind === 'crashed' && this.#group?.ready)
      return this.#rollBack(this.#group, slot, reason.error);
    return this.#restartRound(slot, reason);
  }

  #report(slot: Slot, error: Error): void {
    this.#crashes++;
    const code = error instanceof EsperError ? error.code : 'UNEXPECTED';
    this.#kernel.log.write('error', 'a child crashed', {
      supervisor: this.path,
      child: slot.spec.id,
      code,
      error, // as it is: making a stack readable costs more than the restart, and only a log that prints it should pay
    });
  }

  #letGo(slot: Slot, reason: StopReason): Maybe<void> {
    return andThen(slot.child?.stop(reason, patienceOf(slot.spec)), () => {
      slot.child = null;
      if (slot.spec.restart === 'temporary') this.#slots = this.#slots.filter((one) => one !== slot);
      if (slot.spec.significant) return this.#afterSignificant();
    });
  }

  #afterSignificant(): Maybe<void> {
    const others = this.#slots.some(({ spec, child }) => spec.significant && child !== null);
    if (this.#spec.autoShutdown === 'all_significant' && others) return;
    return this.#end('its significant children have ended', (reason) => this.#overseer.exited(this, reason));
  }

  #giveUp(slot: Slot, reason: StopReason): Maybe<void> {
    const error = gaveUp(this.path, slot.spec.id, this.#spec, reason);
    return this.#escalate(error);
  }

  #escalate(error: Error): Maybe<void> {
    return this.#end(error.message, () => this.#overseer.crashed(this, error));
  }

  /** Ends all children, then itself, and tells its own overseer. */
  #end(why: string, tell: (reason: StopReason) => void): Maybe<void> {
    this.#forget();
    const life = this.#life;
    this.#lifecycle = 'stopping';
    const reason: StopReason = { kind: 'shutdown', why };
    return andThen(this.#retireAll(reason), () => {
      if (life !== this.#life) return;
      this.#lifecycle = 'suspended';
      this.#onDuty = false;
      tell(reason);
    });
  }

  /** Ends the round's children in reverse, waits as long as the back-off says, starts them in order. */
  #restartRound(died: Slot, reason: StopReason): Maybe<void> {
    const order = this.#slots.map(({ spec }) => spec.id);
    const names = affected(this.#spec.strategy, order, died.spec.id);
    const round = this.#slots.filter(({ spec }) => names.includes(spec.id));
    const pauseMs = backoffMs(this.#spec.backoff, this.#restarts.length, this.#kernel.random.next());
    const life = this.#life;
    const why: StopReason = { kind: 'shutdown', why: `${died.spec.id} restarts` };
    const ended = inOrder(round.toReversed(), (slot) => this.#makeWay(slot, slot === died ? reason : why));
    return andThen(ended, () => {
      if (life !== this.#life) return;
      const next = round.filter((slot) => this.#slots.includes(slot));
      if (pauseMs === 0) return this.#startRound(next);
      const cancel = this.#kernel.clock.after(pauseMs, () => {
        this.#pauses.delete(cancel);
        this.#duties.push({ kind: 'start', round: next });
        this.#work();
      });
      this.#pauses.add(cancel);
    });
  }

  /** A temporary bystander is gone for good; the others keep their place. */
  #makeWay(slot: Slot, reason: StopReason): Maybe<void> {
    if (slot.spec.restart !== 'temporary') return slot.child?.retire(reason, patienceOf(slot.spec));
    this.#slots = this.#slots.filter((one) => one !== slot);
    return slot.child?.stop(reason, patienceOf(slot.spec));
  }

  /** A child that cannot start has crashed again; those after it wait for the round that this begins. */
  #startRound(round: readonly Slot[]): Maybe<void> {
    const life = this.#life;
    let broken = false;
    return inOrder(round, (slot) => {
      if (broken || life !== this.#life || slot.child?.lifecycle === 'ready') return;
      return this.#startChild(slot, (error) => {
        broken = true;
        if (life === this.#life && slot.child !== null) this.crashed(slot.child, error);
      });
    });
  }

  #rollBack(group: RollbackGroup, slot: Slot, error: Error): Maybe<void> {
    const { child } = slot;
    try {
      this.#restoreGroup(group, child, error.message, {
        child: slot.spec.id,
        code: error instanceof EsperError ? error.code : error.name,
      });
    } catch (thrown) {
      return this.#escalate(asError(thrown));
    }
    if (child instanceof Cell && child.participates) return child.revive();
    return andThen(child?.retire({ kind: 'crashed', error }, patienceOf(slot.spec)), () =>
      this.#startRound([slot]),
    );
  }

  #restoreGroup(
    group: RollbackGroup,
    cause: Child | null,
    reason: string,
    details: unknown,
    before?: CheckpointId,
  ): RollbackOutcome {
    const members = this.#participants();
    for (const member of members) if (member !== cause) member.interrupt(true);
    const outcome = group.restore({ reason, before });
    const message: RolledBack = { type: 'runtime.rolled_back', outcome, reason, details };
    for (const member of members) member.tellSystem(message);
    this.#kernel.metrics.count('esper_rollbacks_total', 1, { supervisor: this.#spec.id });
    this.#kernel.metrics.observe('esper_rollback_seconds', outcome.ms / 1_000, { supervisor: this.#spec.id });
    this.#kernel.log.write('warn', 'rolled back', { supervisor: this.path, reason, ...outcome });
    return outcome;
  }

  checkpoints(): Checkpoints {
    if (this.#group === null) throw noGroup(this.path);
    return this.#group;
  }

  rollback(askedBy: Child, reason: string, details: unknown, before?: CheckpointId): RollbackOutcome {
    if (this.#group === null) throw noGroup(this.path);
    return this.#restoreGroup(this.#group, askedBy, reason, details, before);
  }

  #makeGroup(): RollbackGroup {
    const { clock, ids } = this.#kernel;
    return new RollbackGroup({
      members: () => this.#participants(),
      clock,
      ids,
      size: this.#spec.checkpoints,
    });
  }

  #participants(): readonly Cell[] {
    return this.#slots.flatMap(({ child }) => (child instanceof Cell && child.participates ? [child] : []));
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

  stop(reason: StopReason): Maybe<void> {
    if (this.#lifecycle === 'stopped') return;
    this.#forget();
    this.#lifecycle = 'stopping';
    const ended = inOrder(this.#slots.toReversed(), (slot) =>
      slot.child?.stop(reason, patienceOf(slot.spec)),
    );
    return andThen(ended, () => {
      this.#group?.clear();
      this.#lifecycle = 'stopped';
      return this.#owner?.release();
    });
  }

  #retireAll(reason: StopReason): Maybe<void> {
    const slots = this.#slots.toReversed();
    return andThen(
      inOrder(slots, (slot) => slot.child?.retire(reason, patienceOf(slot.spec))),
      () => this.#group?.clear(),
    );
  }

  /** Whatever was planned or happened in the life so far no longer matters. */
  #forget(): void {
    this.#life++;
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
    this.#duties = [];
    this.#restarts = [];
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
      children: this.#slots.flatMap(({ child }) => (child === null ? [] : [child.snapshot()])),
    };
  }
}
