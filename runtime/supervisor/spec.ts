/** A supervision tree is data: who is started, in which order, and what happens when one dies. */
import type { ActorDefinition, AnyDefinition, Restart } from '../actor/behaviour.ts';
import type { Message } from '../actor/messages.ts';
import type { Patience } from '../actor/overseer.ts';

/** OTP's names: only the dead one · all · the dead one and those started after it. */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one';

/** How long a child may take to stop before it is fenced off and abandoned. */
export type Shutdown = { readonly withinMs: number } | 'brutal_kill';

/** When a significant child ends for good, does its supervisor end too? */
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant';

/** Growing pauses between restarts; without one, a restart happens at once. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Growth from one restart to the next, at least 1; default 2. */
  readonly factor?: number;
  /** Share of the delay that chance decides, 0 to 1; default 0.5. */
  readonly jitter?: number;
}

export interface WorkerSpec {
  readonly kind: 'worker';
  readonly id: string;
  readonly definition: AnyDefinition;
  readonly args: unknown;
  readonly restart: Restart;
  readonly shutdown: Shutdown;
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

export type ChildSpec = WorkerSpec | SupervisorSpec;

export interface WorkerOptions {
  /** Default: the definition's name. Unique among siblings; becomes the last word of the path. */
  readonly id?: string;
  /** Default permanent. */
  readonly restart?: Restart;
  /** Default 5,000 ms. */
  readonly shutdown?: Shutdown;
  readonly significant?: boolean;
}

type WorkerRest<A> = [undefined] extends [A]
  ? [options?: WorkerOptions]
  : [options: WorkerOptions & { readonly args: A }];

/** A child that is one actor. */
export function worker<S, M extends Message, E, A>(
  definition: ActorDefinition<S, M, E, A>,
  ...[options]: WorkerRest<A>
): WorkerSpec {
  const { id, args, restart, shutdown, significant } = (options ?? {}) as WorkerOptions & { args?: A };
  return {
    kind: 'worker',
    id: id ?? definition.name,
    definition: definition as unknown as AnyDefinition,
    args,
    restart: restart ?? 'permanent',
    shutdown: shutdown ?? { withinMs: 5_000 },
    significant: significant ?? false,
  };
}

/** A child that is a whole tree. It stops when its children have: its time is the sum of theirs. */
export function supervisor(
  id: string,
  options: SupervisorOptions,
  children: readonly ChildSpec[],
): SupervisorSpec {
  return {
    kind: 'supervisor',
    id,
    strategy: options.strategy,
    intensity: options.intensity,
    periodMs: options.periodMs,
    backoff: options.backoff ?? null,
    onFailure: options.onFailure ?? 'restart',
    checkpoints: options.checkpoints ?? 5,
    autoShutdown: options.autoShutdown ?? 'never',
    restart: options.restart ?? 'permanent',
    significant: options.significant ?? false,
    children,
  };
}

/** A tree takes as long as its children need; an actor as long as its spec allows. */
export function patienceOf(spec: ChildSpec): Patience {
  if (spec.kind === 'supervisor') return Number.POSITIVE_INFINITY;
  return spec.shutdown === 'brutal_kill' ? null : spec.shutdown.withinMs;
}
