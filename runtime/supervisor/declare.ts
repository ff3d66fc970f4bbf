/** Declares a tree: workers, supervisors and pools, with what is usual filled in. */
import type { ActorDefinition } from '../actor/behaviour.ts';
import type { Message } from '../actor/messages.ts';
import type {
  ChildSpec,
  PoolOptions,
  PoolSpec,
  Shutdown,
  SupervisorOptions,
  SupervisorSpec,
  WorkerOptions,
  WorkerSpec,
} from './spec.ts';

/** What a worker that says nothing gets. */
const SOON: Shutdown = Object.freeze({ withinMs: 5_000 });

type WorkerRest<A> = [undefined] extends [A]
  ? [options?: WorkerOptions & { readonly args?: A }]
  : [options: WorkerOptions & { readonly args: A }];

/** A child that is one actor. */
export function worker<S, M extends Message, E, A>(
  definition: ActorDefinition<S, M, E, A>,
  ...[options]: WorkerRest<A>
): WorkerSpec {
  const given = (options ?? {}) as WorkerOptions & { args?: A };
  const { id, args, restart, shutdown, startWithinMs, register, significant } = given;
  return {
    kind: 'worker',
    id: id ?? definition.name,
    definition,
    args,
    restart: restart ?? 'permanent',
    shutdown: shutdown ?? SOON,
    startWithinMs: startWithinMs ?? 30_000,
    register: register ?? null,
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

/** A child that is any number of actors of one kind, started and ended one by one. */
export function pool(id: string, template: WorkerSpec, options: PoolOptions): PoolSpec {
  return {
    kind: 'pool',
    id,
    template,
    intensity: options.intensity,
    periodMs: options.periodMs,
    backoff: options.backoff ?? null,
    maxChildren: options.maxChildren ?? 100_000,
    restart: options.restart ?? 'permanent',
    significant: options.significant ?? false,
  };
}
