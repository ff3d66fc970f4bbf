/** OTP's `simple_one_for_one`: any number of children from one template, each alone, all with one budget of restarts. */
import { type Birth, ignore, overtaken } from '../actor/birth.ts';
import { Cell } from '../actor/cell.ts';
import { asError } from '../actor/errors.ts';
import type { Kernel } from '../actor/kernel.ts';
import { type Lifecycle, normal, type StopReason } from '../actor/messages.ts';
import type { Child, Overseer, Patience, Place } from '../actor/overseer.ts';
import type { TreeNode } from '../actor/tree-node.ts';
import { andThen, isPromise, type Maybe, together } from '../maybe.ts';
import type { Labels } from '../ports/metrics.ts';
import type { Owner } from '../ports/ownership.ts';
import { gaveUp, noGroup } from './errors.ts';
import { Holding } from './holding.ts';
import { PoolAdmin, type PoolHouse, type Resident, stewardOf } from './pool-admin.ts';
import { type Context, reportCrash, reportProgress, reportShutdown } from './reports.ts';
import { RestartLimit } from './restart-limit.ts';
import { seedOf } from './seed.ts';
import type { Tree } from './slots.ts';
import { type ChildSpec, type PoolSpec, patienceOf, type WorkerSpec } from './spec.ts';
import { shouldRestart } from './strategy.ts';

/** What happened to a child, and when in its life. */
interface Fall {
  readonly resident: Resident;
  readonly reason: StopReason;
  readonly context: Context;
}

export class Pool implements Tree, Overseer, PoolHouse {
  readonly path: string;
  readonly kernel: Kernel;
  readonly residents = new Map<string, Resident>();
  readonly #ofCell = new Map<Child, Resident>();
  readonly #overseer: Overseer;
  readonly #respecified: (spec: PoolSpec) => void;
  readonly #steward = stewardOf(new PoolAdmin(this), this);
  readonly #limit: RestartLimit;
  readonly #labels: Labels;
  #spec: PoolSpec;
  #lifecycle: Lifecycle = 'starting';
  #incarnation = 0;
  /** Rises whenever what is under way must no longer count. */
  #life = 0;
  #crashes = 0;
  #falls: Fall[] = [];
  #working = false;
  readonly #holding = new Holding();

  /** @param respecified hears of every live change, so that a later life begins with it */
  constructor(
    kernel: Kernel,
    spec: PoolSpec,
    path: string,
    overseer: Overseer,
    respecified: (spec: PoolSpec) => void,
  ) {
    this.kernel = kernel;
    this.path = path;
    this.#spec = spec;
    this.#overseer = overseer;
    this.#respecified = respecified;
    this.#limit = new RestartLimit(kernel, path);
    this.#labels = { supervisor: spec.id, child: spec.template.id };
  }

  get lifecycle(): Lifecycle {
    return this.#lifecycle;
  }
  get incarnation(): number {
    return this.#incarnation;
  }
  get spec(): PoolSpec {
    return this.#spec;
  }

  adopt(owner: Owner | null): Maybe<void> {
    const metrics = () => ({ children: this.residents.size, crashes: this.#crashes });
    return this.#holding.take(owner, this.#spec.id, metrics, () => this.#disowned());
  }

  /** Whoever owns its existence took it away: it has ended, and not by itself. */
  #disowned(): void {
    if (this.#lifecycle !== 'ready') return;
    const killed = { kind: 'killed', why: 'its owner was destroyed' } as const;
    this.#end(killed.why, () => this.#overseer.exited(this, killed));
  }

  /** Starts empty, each time. */
  start(): Maybe<Birth> {
    this.#forget();
    this.#incarnation++;
    this.kernel.stewards.add(this.#steward);
    this.#lifecycle = 'ready';
    return undefined;
  }

  /** One more child. @throws REGISTRY_PATH_TAKEN; `failed` hears why it could not start */
  admit(spec: WorkerSpec, ownArgs: boolean, failed: (error: Error) => void): Maybe<Birth> {
    const cell = new Cell(this.kernel, seedOf(spec, `${this.path}/${spec.id}`), this);
    const resident: Resident = { spec, ownArgs, cell, outdated: false, restarting: false, cancel: null };
    this.residents.set(spec.id, resident);
    this.#ofCell.set(cell, resident);
    return this.#begin(resident, 'start', (error) => {
      failed(error);
      return this.dismiss(resident, { kind: 'crashed', error });
    });
  }

  /** Ends a child for good. */
  dismiss(resident: Resident, reason: StopReason, place: Place = 'released'): Maybe<void> {
    resident.cancel?.();
    this.residents.delete(resident.spec.id);
    this.#ofCell.delete(resident.cell);
    return resident.cell.stop(reason, patienceOf(resident.spec), place);
  }

  #begin(resident: Resident, context: Context, failed: (error: Error) => Maybe<void>): Maybe<Birth> {
    const { cell } = resident;
    const life = this.#life;
    const fail = (thrown: unknown) => andThen(failed(asError(thrown)), () => undefined);
    const born = (birth: Birth): Maybe<Birth> => {
      if (birth === ignore) return andThen(this.dismiss(resident, normal), () => birth);
      if (birth === overtaken) return birth;
      resident.restarting = false;
      if (resident.spec.restart === 'temporary') resident.spec = { ...resident.spec, args: undefined };
      reportProgress(this.kernel.log, this.path, context, resident.spec.id);
      return birth;
    };
    let birth: Maybe<Birth>;
    try {
      const adopted = cell.adopt(this.#holding.owner);
      birth = isPromise(adopted)
        ? adopted.then(() => (life === this.#life && !cell.gone ? cell.start() : overtaken))
        : cell.start();
    } catch (thrown) {
      return fail(thrown);
    }
    return isPromise(birth) ? birth.then(born, fail) : born(birth);
  }

  crashed(child: Child, error: Error): void {
    this.exited(child, { kind: 'crashed', error });
  }

  exited(child: Child, reason: StopReason): void {
    const resident = this.#ofCell.get(child);
    if (resident === undefined) return;
    this.#falls.push({ resident, reason, context: 'child_terminated' });
    this.#work();
  }

  /** A start that fails at once is one more fall: a loop, so that no number of tries is too deep. */
  #work(): void {
    if (this.#working) return;
    this.#working = true;
    for (let fall = this.#falls.shift(); fall !== undefined; fall = this.#falls.shift()) {
      const next = fall;
      this.#attempt(() => this.#deal(next));
    }
    this.#working = false;
  }

  /** What goes wrong here is its own failure, and for its own overseer to deal with. */
  #attempt(step: () => Maybe<void>): void {
    const life = this.#life;
    const failed = (thrown: unknown) => {
      if (life === this.#life) this.#escalate(asError(thrown));
    };
    try {
      const done = step();
      if (isPromise(done)) void done.catch(failed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  #deal({ resident, reason, context }: Fall): Maybe<void> {
    if (this.#lifecycle !== 'ready' || this.residents.get(resident.spec.id) !== resident) return;
    if (reason.kind === 'crashed') {
      this.#crashes++;
      reportCrash(this.kernel.log, this.path, context, resident.spec.id, reason.error);
    }
    if (!shouldRestart(resident.spec.restart, reason)) return this.dismiss(resident, reason);
    const pauseMs = this.#limit.next(this.#spec);
    if (pauseMs === null) return this.#escalate(gaveUp(this.path, resident.spec.id, this.#spec, reason));
    this.kernel.metrics.count('esper_restarts_total', 1, this.#labels);
    resident.restarting = true;
    return andThen(this.#makeWay(resident, reason), () => {
      this.kernel.failPoints?.hit('supervisorBetweenStopAndStart');
      this.#startAgain(resident, pauseMs);
    });
  }

  /** Whoever comes next keeps mailbox and refs, unless the template now describes somebody else. */
  #makeWay(resident: Resident, reason: StopReason): Maybe<void> {
    const { cell, spec, outdated } = resident;
    const patience = patienceOf(spec);
    if (!outdated) return cell.retire(reason, patience);
    this.#ofCell.delete(cell);
    return andThen(cell.stop(reason, patience), () => {
      if (this.residents.get(spec.id) !== resident) return;
      resident.cell = new Cell(this.kernel, seedOf(resident.spec, cell.path, cell.incarnation), this);
      resident.outdated = false;
      this.#ofCell.set(resident.cell, resident);
    });
  }

  #startAgain(resident: Resident, pauseMs: number): void {
    if (this.residents.get(resident.spec.id) !== resident) return;
    if (pauseMs > 0) {
      resident.cancel = this.kernel.clock.after(pauseMs, () => {
        resident.cancel = null;
        this.#startAgain(resident, 0);
      });
      return;
    }
    if (resident.spec.definition !== this.#spec.template.definition) this.#replace(resident);
    void this.#begin(resident, 'restart', (error) => {
      this.#falls.push({ resident, reason: { kind: 'crashed', error }, context: 'start_error' });
      this.#work();
    });
  }

  /** The template describes somebody else by now: whoever fell does not come back, their place is taken. */
  #replace(resident: Resident): void {
    const { template } = this.#spec;
    const { cell, ownArgs, spec } = resident;
    this.#ofCell.delete(cell);
    void cell.stop({ kind: 'shutdown', why: 'the template has changed' }, null);
    resident.spec = { ...template, id: spec.id, args: ownArgs ? spec.args : template.args };
    resident.cell = new Cell(this.kernel, seedOf(resident.spec, cell.path, cell.incarnation), this);
    this.#ofCell.set(resident.cell, resident);
  }

  #escalate(error: Error): void {
    this.#end(error.message, () => {
      reportShutdown(this.kernel.log, this.path, { kind: 'crashed', error });
      this.#overseer.crashed(this, error);
    });
  }

  /** Ends all children, then itself, and tells its own overseer. */
  #end(why: string, tell: () => void): void {
    this.#lifecycle = 'stopping';
    const ended = this.#endAll({ kind: 'shutdown', why });
    const life = this.#life;
    void andThen(ended, () => {
      if (life !== this.#life) return;
      this.#lifecycle = 'suspended';
      tell();
    });
  }

  retire(reason: StopReason): Maybe<void> {
    if (this.#lifecycle === 'stopped') return;
    this.#lifecycle = 'stopping';
    const ended = this.#endAll(reason);
    const life = this.#life;
    return andThen(ended, () => {
      if (life === this.#life) this.#lifecycle = 'restarting';
    });
  }

  stop(reason: StopReason, _patience?: Patience, place: Place = 'released'): Maybe<void> {
    if (this.#lifecycle === 'stopped') return;
    this.#lifecycle = 'stopping';
    return andThen(this.#endAll(reason, 'left_to_owner'), () => {
      this.#lifecycle = 'stopped';
      this.kernel.stewards.remove(this.#steward);
      return this.#holding.giveBack(place);
    });
  }

  checkpoints(): never {
    throw noGroup(this.path);
  }

  rollback(): never {
    throw noGroup(this.path);
  }

  /** Another spec for the life under way, already checked. */
  amend(spec: ChildSpec): void {
    if (spec.kind !== 'pool') return;
    const { definition, args } = spec.template;
    for (const resident of this.residents.values()) {
      const { id, args: own, definition: before } = resident.spec;
      resident.spec = { ...spec.template, id, args: resident.ownArgs ? own : args };
      if (before === definition) resident.cell.reseed(seedOf(resident.spec, resident.cell.path));
      else resident.outdated = true;
    }
    this.#spec = spec;
    this.#respecified(spec);
  }

  /** All at the same time: it takes as long as the slowest, not as long as all together. */
  #endAll(reason: StopReason, place: Place = 'released'): Maybe<void> {
    this.#forget();
    const all = [...this.residents.values()];
    return together(all, (resident) => this.dismiss(resident, reason, place));
  }

  #forget(): void {
    this.#life++;
    this.#falls = [];
    this.#limit.clear();
    for (const resident of this.residents.values()) resident.cancel?.();
  }

  snapshot(): TreeNode {
    return {
      id: this.#spec.id,
      path: this.path,
      kind: 'supervisor',
      lifecycle: this.#lifecycle,
      incarnation: this.#incarnation,
      restart: this.#spec.restart,
      mailbox: this.#falls.length,
      handled: 0,
      crashes: this.#crashes,
      children: [...this.residents.values()].map(({ cell }) => cell.snapshot()),
    };
  }
}
