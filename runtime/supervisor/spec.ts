/** A supervision tree is data: who is started, in which order, and what happens when one dies. */
import type { Restart } from '../actor/messages.ts';
import type { Patience } from '../actor/overseer.ts';

/** OTP's names: only the dead one · all · the dead one and those started after it. */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one';

/** How long a child may take to stop before it is fenced off and abandoned. */
export type Shutdown = { readonly withinMs: number } | 'brutal_kill';

/** When a significant child ends for good, does its supervisor end too? */
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant';

/** Pauses between restarts, by decorrelated jitter; without one, a restart happens at once. */
export interface Backoff {
  /** The least pause. */
  readonly firstMs: number;
  /** The longest pause. */
  readonly maxMs: number;
  /** The next pause is at most this many times the one before; at least 1, default 3. */
  readonly factor?: number;
  /** Share of the pause that chance decides, 0 to 1; default 1: anything between the least and the most. */
  readonly jitter?: number;
}

/** What an actor is made from, as a tree sees it: `defineActor` makes one, and only the runtime looks inside. */
export interface Definition {
  readonly name: string;
}

export interface WorkerSpec {
  readonly kind: 'worker';
  readonly id: string;
  readonly definition: Definition;
  readonly args: unknown;
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  /** Milliseconds `fresh` may take before the start has failed. */
  readonly startWithinMs: number;
  /** The name it is known by, whatever its path: `ref('@name')`. Null: none. */
  readonly register: string | null;
  readonly significant: boolean;
}

export interface SupervisorOptions {
  readonly strategy: Strategy;
  /** Restarts allowed within the window; one more ends the supervisor. */
  readonly intensity: number;
  readonly periodMs: number;
  readonly backoff?: Backoff;
  /** `rollback`: a crash returns the group to its newest checkpoint instead of starting afresh. */
  readonly onFailure?: 'restart' | 'rollback';
  /** Checkpoints kept when `onFailure` is `rollback`; default 5. */
  readonly checkpoints?: number;
  readonly autoShutdown?: AutoShutdown;
  readonly restart?: Restart;
  readonly significant?: boolean;
}

export interface SupervisorSpec {
  readonly kind: 'supervisor';
  readonly id: string;
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly periodMs: number;
  readonly backoff: Backoff | null;
  readonly onFailure: 'restart' | 'rollback';
  readonly checkpoints: number;
  readonly autoShutdown: AutoShutdown;
  readonly restart: Restart;
  readonly significant: boolean;
  readonly children: readonly ChildSpec[];
}

export interface PoolOptions {
  /** Restarts allowed within the window, all children together; one more ends the pool. */
  readonly intensity: number;
  readonly periodMs: number;
  readonly backoff?: Backoff;
  /** Children at most, those being restarted included; default 100,000. */
  readonly maxChildren?: number;
  /** The pool's own, in its supervisor; its children have the template's. */
  readonly restart?: Restart;
  readonly significant?: boolean;
}

/** OTP's `simple_one_for_one`: starts empty, any number of children from one template. */
export interface PoolSpec {
  readonly kind: 'pool';
  readonly id: string;
  readonly template: WorkerSpec;
  readonly intensity: number;
  readonly periodMs: number;
  readonly backoff: Backoff | null;
  readonly maxChildren: number;
  readonly restart: Restart;
  readonly significant: boolean;
}

export type ChildSpec = WorkerSpec | SupervisorSpec | PoolSpec;

export interface WorkerOptions {
  /** Default: the definition's name. Unique among siblings; becomes the last word of the path. */
  readonly id?: string;
  /** Default permanent. */
  readonly restart?: Restart;
  /** Default 5,000 ms. */
  readonly shutdown?: Shutdown;
  /** Milliseconds `fresh` may take, default 30,000. */
  readonly startWithinMs?: number;
  /** A name beside the path, unique in the system: `system.whereis(name)`, `ref('@name')`. */
  readonly register?: string;
  readonly significant?: boolean;
}

/** A tree takes as long as its children need; an actor as long as its spec allows. */
export function patienceOf(spec: ChildSpec): Patience {
  if (spec.kind !== 'worker') return Number.POSITIVE_INFINITY;
  return spec.shutdown === 'brutal_kill' ? null : spec.shutdown.withinMs;
}
