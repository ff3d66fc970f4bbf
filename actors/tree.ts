/** The supervision trees: who is started, in which order, and what happens when one dies. Read this first. */
import type {
  ActorDefinition,
  ChildSpec,
  SupervisorSpec,
  WorkerOptions,
  WorkerSpec,
} from '../runtime/index.ts';
import { supervisor, worker } from '../runtime/local.ts';

// biome-ignore lint/suspicious/noExplicitAny: a tree holds actors of every kind; each was checked where it was defined
type Of<A> = ActorDefinition<any, any, any, A>;

/** An actor and what it is started with. */
export type Seat<A> = readonly [definition: Of<A>, args: A];

/**
 * The process: observers first, so that they see everything and die last; then the hosts, each a thread, started in order:
 * training first, for it has the most to load.
 * A host that dies is started again alone. One of `optional` that dies too often is given up, and training goes on without it.
 */
export function esperTree(
  observers: readonly WorkerSpec[],
  optional: readonly WorkerSpec[],
  training: WorkerSpec,
): SupervisorSpec {
  const limits = { intensity: 3, periodMs: 60_000 };
  const expendable = optional.map((host) =>
    supervisor(`${host.id}-watch`, { ...limits, strategy: 'one_for_one', restart: 'temporary' }, [host]),
  );
  return supervisor('esper', { ...limits, strategy: 'rest_for_one' }, [
    ...observers,
    supervisor('hosts', { ...limits, strategy: 'one_for_one' }, [training, ...expendable]),
  ]);
}

/**
 * The innovation plane, in a host of its own: heavy, risky, and worth nothing that could not be made again.
 * The intensity leaves room for a bench that breaks on kernel after kernel.
 */
export function innovationTree(actors: readonly ChildSpec[]): SupervisorSpec {
  const backoff = { firstMs: 50, maxMs: 5_000 };
  return supervisor(
    'innovation',
    { strategy: 'one_for_one', intensity: 40, periodMs: 60_000, backoff },
    actors,
  );
}

/**
 * The triad, in one host: it shares tensors by reference, so it goes back in time together.
 * A crash of any of the three returns all to their newest common checkpoint; too many, and the host is started again.
 */
export function trainingTree<K, Y, T>(kasmina: Seat<K>, tamiyo: Seat<Y>, tolaria: Seat<T>): SupervisorSpec {
  const options = {
    strategy: 'one_for_all',
    intensity: 5,
    periodMs: 60_000,
    onFailure: 'rollback',
    autoShutdown: 'any_significant',
  } as const;
  return supervisor('training', options, [
    seated(kasmina),
    seated(tamiyo),
    seated(tolaria, { restart: 'transient', significant: true }), // a finished run is no crash, and then there is nothing left to do
  ]);
}

/** A child spec for an actor with its arguments. */
export function seated<A>([definition, args]: Seat<A>, options: WorkerOptions = {}): WorkerSpec {
  // `worker` asks for arguments only where there are some; here there always are
  const make = worker as (definition: Of<A>, options: WorkerOptions & { readonly args: A }) => WorkerSpec;
  return make(definition, { ...options, args });
}
