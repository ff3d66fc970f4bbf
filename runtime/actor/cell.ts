/** One actor alive: begins, falls and is helped up, ends; its place, mailbox and refs outlast its lives. */
import { abandonable, andThen, isPromise, type Maybe } from '../maybe.ts';
import type { Owner } from '../ports/ownership.ts';
import type { Address } from './address.ts';
import type { AnyDefinition, DynamicOptions, DynamicSupervisor } from './behaviour.ts';
import { type Birth, type Fresh, ignore, overtaken, Started } from './birth.ts';
import type { CellSeed, Terms } from './cell-seed.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from './checkpoints.ts';
import { CellContext, type CellInside } from './context.ts';
import { Errands } from './errands.ts';
import { gone, startedLate } from './errors.ts';
import { Existence, type Existing } from './existence.ts';
import { callStopped, farewell, type Leaving } from './farewell.ts';
import type { Brood, Kernel } from './kernel.ts';
import type { Item, Letter } from './letter.ts';
import type { Down, Exit, Lifecycle, Message, Restart, StopReason } from './messages.ts';
import { normal } from './messages.ts';
import type { Child, Overseer, Patience, Place } from './overseer.ts';
import { Participant, type Participating } from './participant.ts';
import { PathRef } from './path-ref.ts';
import { type Recovering, recover } from './recovering.ts';
import type { Ref } from './ref.ts';
import { nodeOf, type TreeNode } from './tree-node.ts';
import { Turns, type TurnsOwner } from './turns.ts';
import { Watchers } from './watchers.ts';
import { Watching } from './watching.ts';

export class Cell
  implements Address, Child, CellInside, Existing, Leaving, Participating, Recovering, TurnsOwner
{
  readonly path: string;
  readonly kernel: Kernel;
  /** Its part in the rollback of its group, if it takes any. */
  readonly member: Participant | null;
  readonly id: string;
  terms: Terms;
  #args: unknown;
  readonly #overseer: Overseer;
  cx: CellContext;
  readonly loop: Turns;
  #watchers: Watchers | null = null;
  #lifecycle: Lifecycle = 'starting';
  #incarnation: number;
  /** There is a state, and `stopped` is owed to it. */
  alive = false;
  /** How this life ended by itself, if it did: `stopped` must not flush what a crash left as if nothing had happened. */
  #fate: StopReason | null = null;
  /** Ends the wait for a `fresh` that takes its time. */
  #abandonStart: (() => void) | null = null;
  recovering = false;
  /** What it said of itself while it was being made. */
  #failedEarly: Error | null = null;
  hurry: (() => void) | null = null;
  /** Nothing of the last life has hands any more. */
  over = false;
  #retiring: Promise<void> | null = null;
  #errands: Errands | null = null;
  #brood: Brood | null = null;
  #watching: Watching | null = null;
  #existence: Existence | null = null;
  crashes = 0;

  /** @throws REGISTRY_PATH_TAKEN */
  constructor(kernel: Kernel, seed: CellSeed, overseer: Overseer) {
    this.kernel = kernel;
    this.path = seed.path;
    this.id = seed.id;
    this.terms = seed.terms;
    this.#args = seed.args;
    this.#incarnation = seed.livesBefore;
    this.#overseer = overseer;
    this.cx = new CellContext(this);
    this.loop = new Turns(this);
    const { rollback } = seed.terms.definition;
    this.member = rollback === undefined ? null : new Participant(this, rollback);
    kernel.registry.add(this);
  }

  /** Made each time: few cells are ever asked for it. */
  get ref(): Ref<Message> {
    return new PathRef(this.path, this.kernel, this);
  }
  get definition(): AnyDefinition {
    return this.terms.definition;
  }
  get restart(): Restart {
    return this.terms.restart;
  }
  get handling(): Promise<void> | null {
    return this.loop.handling;
  }
  get lifecycle(): Lifecycle {
    return this.#lifecycle;
  }
  get incarnation(): number {
    return this.#incarnation;
  }
  get roomy(): boolean {
    return this.loop.roomy;
  }
  get gone(): boolean {
    return this.#lifecycle === 'stopped';
  }
  get participates(): boolean {
    return this.member !== null;
  }
  get jobs(): number {
    return this.#errands?.jobs ?? 0;
  }
  get errands(): Errands {
    this.#errands ??= new Errands(
      this.kernel.clock,
      (message) => this.loop.tellSelf(message),
      (job, error) => {
        this.cx.log.write('error', 'a job failed', { job, error: error.message });
        this.fail(error);
      },
    );
    return this.#errands;
  }

  deliver(item: Item, system: boolean): boolean {
    if (this.#lifecycle === 'stopped') return this.loop.inbox.bury(item, 'gone');
    return this.loop.deliver(item, system);
  }

  callNow(message: Message, letter: Letter | null = null): unknown {
    if (this.#lifecycle !== 'ready') throw gone(this.path, `it is ${this.#lifecycle}`);
    return this.loop.callNow(message, letter);
  }

  /** Its next life is made from this one. The definition is the same. */
  reseed(seed: CellSeed): void {
    this.terms = seed.terms;
    this.#args = seed.args;
  }

  /** Takes a place in the tree of existence; once, before the first start. Light cells take none. */
  adopt(owner: Owner | null): Maybe<void> {
    if (owner === null || this.#existence !== null || this.definition.light) return;
    const existence = new Existence(this);
    return existence.begin(owner, this.id).then(() => {
      this.#existence = existence;
    });
  }

  /** Its place is gone: a life that runs ends as a kill, and the next takes a new place. */
  disowned(): void {
    this.#existence = null;
    this.#exit({ kind: 'killed', why: 'its owner was destroyed' }, null);
  }

  start(): Maybe<Birth> {
    if (this.#lifecycle !== 'starting') this.#lifecycle = 'restarting';
    this.#incarnation++;
    this.fence();
    // What a handler of the life before still does with its context must not reach into this one.
    if (this.#incarnation > 1) this.cx = new CellContext(this, this.cx);
    this.#fate = null;
    this.#failedEarly = null;
    this.over = false;
    const { life } = this.loop;
    const { definition, register } = this.terms;
    try {
      if (register !== null) this.kernel.registry.claim(register, this);
      const made =
        definition.durable === undefined ? definition.fresh(this.cx, this.#args) : recover(this, this.#args);
      return isPromise(made) ? this.#beginLater(life, made) : this.#begin(life, made);
    } catch (thrown) {
      throw this.#failed(life, thrown);
    }
  }

  #failed(life: number, thrown: unknown): unknown {
    if (life === this.loop.life) {
      this.#abandonStart = null; // its own failure ends the wait, not a stop
      this.fence();
      this.#lifecycle = 'suspended';
      this.over = true;
    }
    return thrown;
  }

  /** Not for ever, and no longer than somebody wants it: what comes too late is let go. */
  #beginLater(life: number, made: Promise<unknown>): Promise<Birth> {
    const { startWithinMs } = this.terms;
    const born = made.then(
      (state) => this.#begin(life, state),
      (thrown) => {
        throw this.#failed(life, thrown);
      },
    );
    const late = () => {
      this.#abandonStart = null;
      return this.#failed(life, startedLate(this.path, startWithinMs)) as Error;
    };
    const wait = abandonable<Birth>(this.kernel.clock, startWithinMs, born, late, overtaken);
    this.#abandonStart = wait.abandon;
    return wait.over;
  }

  #begin(life: number, made: Fresh<unknown>): Maybe<Birth> {
    const state = made instanceof Started ? made.state : made;
    if (life !== this.loop.life) {
      if (made === ignore) return overtaken;
      // The start was overtaken by a stop: what it made still has to be let go.
      const why: StopReason = { kind: 'killed', why: 'stopped before it had started' };
      return andThen(callStopped(this.definition, this.cx, state, why), () => overtaken);
    }
    this.#abandonStart = null;
    if (made === ignore) {
      this.fence();
      this.#lifecycle = 'suspended';
      return ignore;
    }
    this.loop.state = state;
    this.alive = true;
    this.#lifecycle = 'ready';
    // No further life will need them, and they may be large.
    if (this.restart === 'temporary') this.#args = undefined;
    this.loop.resume();
    if (this.#failedEarly !== null) this.fail(this.#failedEarly);
    return made instanceof Started ? made : undefined;
  }

  /** After a rollback: the state is good again, so the life goes on as a new incarnation. */
  revive(): void {
    this.#incarnation++;
    this.#fate = null;
    this.#lifecycle = 'ready';
    this.loop.resume();
  }

  /** While it is still being made it falls as soon as it is. */
  fail(error: Error): void {
    if (this.#lifecycle === 'starting' || this.#lifecycle === 'restarting') this.#failedEarly ??= error;
    if (this.#lifecycle !== 'ready') return;
    this.loop.suspend();
    this.fallen(error);
  }

  fallen(error: Error): void {
    this.crashes++;
    this.kernel.metrics.count('esper_crashes_total', 1, { actor: this.definition.name });
    this.#cut(); // it goes on watching: should its group go back, this life goes on
    // One that falls while it is being stopped is stopped all the same, but it fell.
    const fate: StopReason = { kind: 'crashed', error };
    if (this.#lifecycle === 'ready' || this.#lifecycle === 'stopping') this.#fate = fate;
    if (this.#lifecycle !== 'ready') return;
    this.#lifecycle = 'suspended';
    this.#watchers?.tellAll(this.path, this.#incarnation, fate);
    this.#overseer.crashed(this, error);
  }

  stopAfterThis(reason: Exit = normal): void {
    this.#fate ??= reason;
    this.loop.askStop();
  }

  finished(): void {
    this.#exit(this.#fate ?? normal);
  }

  fenced(): void {
    this.#exit({ kind: 'shutdown', why: 'another owner wrote its events' });
  }

  #exit(reason: StopReason, patience = this.terms.patience): void {
    if (this.#lifecycle !== 'ready') return;
    this.#fate = reason;
    void andThen(this.retire(reason, patience), () => {
      if (this.#lifecycle !== 'restarting') return;
      this.#lifecycle = 'suspended';
      this.#overseer.exited(this, reason);
    });
  }

  retire(reason: StopReason, patience: Patience): Maybe<void> {
    if (this.#lifecycle === 'stopped') return;
    if (patience === null) this.hurry?.();
    if (this.#retiring !== null) return this.#retiring;
    this.loop.suspend();
    this.#errands?.abort();
    const over = andThen(this.#takeLeave(reason, patience), () => this.#retired(reason));
    if (isPromise(over)) this.#retiring = over;
    return over;
  }

  #takeLeave(reason: StopReason, patience: Patience): Maybe<void> {
    if (!this.alive) {
      this.fence();
      return this.endChildren('its parent did not start', patience);
    }
    if (this.#lifecycle === 'ready') this.#lifecycle = 'stopping';
    return farewell(this, reason, patience);
  }

  endChildren(why: string, patience: Patience): Maybe<void> {
    return this.#brood?.end(why, patience);
  }

  letGo(reason: StopReason): Maybe<void> {
    return callStopped(this.definition, this.cx, this.loop.state, this.#fate ?? reason);
  }

  killed(): void {
    this.#fate ??= { kind: 'killed', why: 'it was not asked, or did not stop in time' };
  }

  #retired(reason: StopReason): void {
    const ended = this.#lifecycle === 'stopping';
    const fate = this.#fate ?? reason;
    this.#retiring = null;
    this.alive = false;
    this.#fate = null;
    this.loop.state = undefined;
    this.#brood = null;
    this.#lifecycle = 'restarting';
    this.over = true;
    if (ended) this.#watchers?.tellAll(this.path, this.#incarnation, fate);
  }

  stop(reason: StopReason, patience: Patience, place: Place = 'released'): Maybe<void> {
    return andThen(this.retire(reason, patience), () => {
      if (this.#lifecycle === 'stopped') return;
      this.#lifecycle = 'stopped';
      this.#args = undefined;
      this.kernel.registry.remove(this);
      const { register } = this.terms;
      if (register !== null) this.kernel.registry.release(register, this);
      this.#watchers?.tellAll(this.path, this.#incarnation, reason);
      this.loop.buryAll('stopped');
      if (place === 'released') return this.#existence?.release();
    });
  }

  /** From here on nothing that this life began counts: handlers, jobs, timers, watches. */
  fence(): void {
    this.#cut();
    this.#watching?.end();
  }

  #cut(): void {
    this.loop.fence();
    this.#abandonStart?.();
    this.#abandonStart = null;
    this.#errands?.abort();
  }

  brood(options: DynamicOptions): DynamicSupervisor {
    this.#brood ??= this.kernel.brood(this.path, options, (error) => this.fail(error));
    return this.#brood;
  }

  watch(target: Ref<never>): void {
    this.#watching ??= new Watching(this, this.kernel.registry);
    this.#watching.begin(target.path);
  }

  watchedBy(watcher: object, tell: (down: Down) => void): void {
    if (this.#lifecycle === 'ready' || this.#lifecycle === 'starting') {
      this.#watchers ??= new Watchers();
      this.#watchers.add(watcher, tell);
      return;
    }
    const reason: StopReason = { kind: 'shutdown', why: `it is ${this.#lifecycle}` };
    tell({ type: 'runtime.down', path: this.path, incarnation: this.#incarnation, reason });
  }

  unwatchedBy(watcher: object): void {
    this.#watchers?.remove(watcher);
  }

  tellSystem(message: Message): void {
    if (this.loop.hears(message.type)) this.deliver(message, true);
  }

  checkpoints(): Checkpoints {
    return this.#overseer.checkpoints();
  }

  rollback(reason: string, details: unknown, before?: CheckpointId): RollbackOutcome {
    return this.#overseer.rollback(this, reason, details, before);
  }

  interrupt(handlerToo: boolean): void {
    this.#errands?.abort();
    if (!handlerToo) return;
    this.#fate = null;
    this.loop.fence();
    if (this.#lifecycle === 'ready') this.loop.resume();
  }

  snapshot(): TreeNode {
    return nodeOf(this, this.#errands?.jobsSinceMs ?? null, this.#brood?.snapshot() ?? []);
  }
}
