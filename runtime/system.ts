/** A whole actor system: one tree, its ports, its dead letters, its end. */
import { EsperError } from '../contracts/failure.ts';
import type { RandomStream } from '../contracts/random-stream.ts';
import { type DeadLetterOffice, DeadLetters } from './actor/dead-letters.ts';
import { Deadlines } from './actor/deadlines.ts';
import { type Dispatch, Dispatcher } from './actor/dispatcher.ts';
import type { Kernel, NodeIdentity } from './actor/kernel.ts';
import type { Message, StopReason } from './actor/messages.ts';
import type { Overseer } from './actor/overseer.ts';
import { PathRef } from './actor/path-ref.ts';
import type { Ref } from './actor/ref.ts';
import { type StalledActor, stalledIn } from './actor/stalled.ts';
import type { TreeNode } from './actor/tree-node.ts';
import { Persistence } from './durable/persistence.ts';
import type { Clock } from './ports/clock.ts';
import type { EventStore } from './ports/event-store.ts';
import type { FailPoints } from './ports/fail-points.ts';
import type { Ids } from './ports/ids.ts';
import type { Log } from './ports/log.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Ownership } from './ports/ownership.ts';
import type { SpillStore } from './ports/spill.ts';
import type { Tracing } from './ports/tracing.ts';
import { Registry } from './registry.ts';
import type { RemoteSide } from './remote/remote-side.ts';
import { RestartBudget, type RestartBudgetOptions } from './supervisor/budget.ts';
import { Nursery } from './supervisor/dynamic.ts';
import { noGroup } from './supervisor/errors.ts';
import type { PoolHandle, SupervisorHandle } from './supervisor/handle.ts';
import type { ChildSpec, SupervisorSpec } from './supervisor/spec.ts';
import { Stewards } from './supervisor/stewards.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { problemsOf } from './supervisor/validate.ts';

export interface SystemPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: RandomStream;
  /** Who owns the actors' existence; without one they own themselves. The system closes it. */
  readonly ownership?: Ownership;
  /** Default `local`, epoch 1. */
  readonly node?: NodeIdentity;
  /** Who decides whose turn it is; the ordinary dispatcher unless a simulation brings its own. */
  readonly dispatcher?: Dispatch;
  /** Where durable actors keep their events. Whoever opened it closes it, after the system has stopped. */
  readonly events?: EventStore;
  /** Restarts the whole node can afford; an empty bucket delays them. Without one they cost only their time. */
  readonly restartBudget?: RestartBudgetOptions;
  /** Follows messages from actor to actor. */
  readonly tracing?: Tracing;
  /** Where mailboxes of policy `spill` put what does not fit. */
  readonly spills?: SpillStore;
  /** Dead letters kept, default 1,000. */
  readonly deadLettersKept?: number;
  /** The way to other nodes, from `joinCluster`: paths `//node/path` lead there. The system leaves it when it stops. */
  readonly remote?: RemoteSide;
  /** Only tests bring them. */
  readonly failPoints?: FailPoints;
}

export interface ActorSystem {
  /** By absolute path, `esper/training/kasmina`, or by registered name, `@kasmina`; resolved when used. */
  ref<M extends Message = Message>(path: string): Ref<M>;
  /** Who is registered under `name` now, by path; null when nobody is. */
  whereis<M extends Message = Message>(name: string): Ref<M> | null;
  /** The supervisor at an absolute path, to ask and to tell; found when used. */
  supervisor(path: string): SupervisorHandle;
  /** The pool at an absolute path; found when used. */
  pool(path: string): PoolHandle;
  /** The tree as it is now. */
  tree(): TreeNode;
  readonly deadLetters: DeadLetterOffice;
  /** Who has been at work for so long without getting any further. Busy actors that tell of progress are not among them. */
  stalled(forMs: number): readonly StalledActor[];
  /** Stops everything, last started first; resolves when all has ended or was abandoned. */
  stop(reason?: string): Promise<void>;
  /** How it ended: asked to, or because the root gave up. */
  readonly done: Promise<StopReason>;
}

/**
 * Starts a tree.
 * @throws SPEC_INVALID_... the first mistake in the spec; `problemsOf` lists all
 * @throws SUPERVISOR_START_FAILED naming the child that could not start; what had started is stopped again
 */
export async function startSystem(spec: SupervisorSpec, ports: SystemPorts): Promise<ActorSystem> {
  const [first] = problemsOf(spec);
  if (first !== undefined) throw first;
  if (spec.kind !== 'supervisor') throw notATree(spec);
  const system = new System(spec, ports);
  await system.start();
  return system;
}

class System implements ActorSystem, Overseer {
  readonly deadLetters: DeadLetters;
  readonly done: Promise<StopReason>;
  readonly #kernel: Kernel;
  readonly #root: Supervisor;
  readonly #ownership: Ownership | undefined;
  readonly #remote: RemoteSide | undefined;
  #finish: (reason: StopReason) => void = () => {};
  #ending: Promise<void> | null = null;

  constructor(spec: SupervisorSpec, ports: SystemPorts) {
    const { clock, ids, log, metrics, random, ownership } = ports;
    this.#ownership = ownership;
    const { remote } = ports;
    this.#remote = remote;
    const registry = new Registry(remote === undefined ? null : (path) => remote.find(path));
    this.deadLetters = new DeadLetters({ clock, metrics, log, registry }, ports.deadLettersKept);
    this.#kernel = {
      clock,
      ids,
      log,
      metrics,
      random,
      registry,
      dispatcher: ports.dispatcher ?? new Dispatcher(clock),
      node: ports.node ?? { name: 'local', epoch: 1 },
      failPoints: ports.failPoints ?? null,
      tracing: ports.tracing ?? null,
      spills: ports.spills ?? null,
      durability: new Persistence(clock, metrics, ports.events ?? null, ports.failPoints ?? null),
      deadlines: new Deadlines(clock),
      deadLetters: this.deadLetters,
      stewards: new Stewards(),
      restartBudget: ports.restartBudget === undefined ? null : new RestartBudget(ports.restartBudget),
      brood: (path, options, failed) => new Nursery(this.#kernel, path, options, failed),
    };
    remote?.attach(this.#kernel);
    this.#root = new Supervisor(this.#kernel, spec, spec.id, this);
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(): Promise<void> {
    await this.#root.adopt(this.#ownership?.root ?? null);
    try {
      await this.#root.start();
      this.#remote?.serve();
    } catch (thrown) {
      await this.#end({ kind: 'shutdown', why: 'it could not start' });
      throw thrown;
    }
  }

  ref<M extends Message = Message>(path: string): Ref<M> {
    return new PathRef<M>(path, this.#kernel);
  }

  whereis<M extends Message = Message>(name: string): Ref<M> | null {
    const address = this.#kernel.registry.find(`@${name}`);
    return address === undefined ? null : new PathRef<M>(address.path, this.#kernel, address);
  }

  supervisor(path: string): SupervisorHandle {
    return this.#kernel.stewards.supervisor(path);
  }

  pool(path: string): PoolHandle {
    return this.#kernel.stewards.pool(path);
  }

  tree(): TreeNode {
    return this.#root.snapshot();
  }

  stalled(forMs: number): readonly StalledActor[] {
    return stalledIn(this.tree(), forMs, this.#kernel.clock.nowMs());
  }

  stop(why = 'asked to stop'): Promise<void> {
    return this.#end({ kind: 'shutdown', why });
  }

  crashed(_root: unknown, error: Error): void {
    this.#kernel.log.write('error', 'the root supervisor gave up', { error: error.message });
    void this.#end({ kind: 'crashed', error });
  }

  exited(_root: unknown, reason: StopReason): void {
    void this.#end(reason);
  }

  checkpoints(): never {
    throw noGroup('the system');
  }

  rollback(): never {
    throw noGroup('the system');
  }

  #end(reason: StopReason): Promise<void> {
    this.#ending ??= this.#stopAll(reason);
    return this.#ending;
  }

  async #stopAll(reason: StopReason): Promise<void> {
    await this.#root.stop(reason);
    await this.#remote?.leave();
    await this.#ownership?.close();
    this.#kernel.deadlines.close();
    this.#finish(reason);
  }
}

const notATree = ({ id }: ChildSpec) =>
  new EsperError(
    'SPEC_INVALID_KIND',
    `${id}: a system is one tree`,
    { path: id },
    { hint: 'Put it under a supervisor.' },
  );
