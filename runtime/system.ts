/** A whole actor system: one tree, its ports, its dead letters, its end. */
import type { RandomStream } from '../contracts/random-stream.ts';
import { type DeadLetter, DeadLetters } from './actor/dead-letters.ts';
import { Deadlines } from './actor/deadlines.ts';
import { type Dispatch, Dispatcher } from './actor/dispatcher.ts';
import type { Kernel, NodeIdentity } from './actor/kernel.ts';
import type { Message, StopReason } from './actor/messages.ts';
import type { Overseer } from './actor/overseer.ts';
import { PathRef } from './actor/path-ref.ts';
import type { Ref } from './actor/ref.ts';
import type { TreeNode } from './actor/tree-node.ts';
import type { Clock } from './ports/clock.ts';
import type { FailPoints } from './ports/fail-points.ts';
import type { Ids } from './ports/ids.ts';
import type { Log } from './ports/log.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Ownership } from './ports/ownership.ts';
import { Registry } from './registry.ts';
import { Nursery } from './supervisor/dynamic.ts';
import { noGroup } from './supervisor/errors.ts';
import type { SupervisorSpec } from './supervisor/spec.ts';
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
  /** Only tests bring them. */
  readonly failPoints?: FailPoints;
}

export interface ActorSystem {
  /** By absolute path, `esper/training/kasmina`; resolved when used. */
  ref<M extends Message = Message>(path: string): Ref<M>;
  /** The tree as it is now. */
  tree(): TreeNode;
  readonly deadLetters: {
    /** The newest 1,000, oldest first. */
    recent(): readonly DeadLetter[];
    count(): number;
  };
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
  #finish: (reason: StopReason) => void = () => {};
  #ending: Promise<void> | null = null;

  constructor(spec: SupervisorSpec, ports: SystemPorts) {
    const { clock, ids, log, metrics, random, ownership } = ports;
    this.#ownership = ownership;
    this.deadLetters = new DeadLetters(clock, metrics);
    this.#kernel = {
      clock,
      ids,
      log,
      metrics,
      random,
      registry: new Registry(),
      dispatcher: ports.dispatcher ?? new Dispatcher(clock),
      node: ports.node ?? { name: 'local', epoch: 1 },
      failPoints: ports.failPoints ?? null,
      deadlines: new Deadlines(clock),
      deadLetters: this.deadLetters,
      brood: (path, options) => new Nursery(this.#kernel, path, options),
    };
    this.#root = new Supervisor(this.#kernel, spec, spec.id, this);
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(): Promise<void> {
    await this.#root.adopt(this.#ownership?.root ?? null);
    try {
      await this.#root.start();
    } catch (thrown) {
      await this.#end({ kind: 'shutdown', why: 'it could not start' });
      throw thrown;
    }
  }

  ref<M extends Message = Message>(path: string): Ref<M> {
    return new PathRef<M>(path, this.#kernel);
  }

  tree(): TreeNode {
    return this.#root.snapshot();
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
    await this.#ownership?.close();
    this.#kernel.deadlines.close();
    this.#finish(reason);
  }
}
