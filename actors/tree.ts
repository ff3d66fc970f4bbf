/** The supervision trees: who is started, in which order, and what happens when one dies. Read this first. */
import { type ActorDefinition, type SupervisorSpec, supervisor, worker } from '../runtime/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: a tree holds actors of every kind; each was checked where it was defined
type Of<A> = ActorDefinition<any, any, any, A>;

/**
 * The triad, in one host: it shares tensors by reference, so it goes back in time together.
 * A crash of any of the three returns all to their newest common checkpoint; too many, and the host gives up and is started again.
 */
export function trainingTree<K, Y, T>(
  kasminaArgs: K,
  tamiyoArgs: Y,
  tolariaArgs: T,
  triad: { readonly kasmina: Of<K>; readonly tamiyo: Of<Y>; readonly tolaria: Of<T> },
): SupervisorSpec {
  return supervisor(
    'training',
    {
      strategy: 'one_for_all',
      intensity: 5,
      periodMs: 60_000,
      onFailure: 'rollback',
      autoShutdown: 'any_significant',
    },
    [
      child(triad.kasmina, kasminaArgs),
      child(triad.tamiyo, tamiyoArgs),
      child(triad.tolaria, tolariaArgs, true), // transient: a finished run is no crash; significant: without it there is nothing to do
    ],
  );
}

function child<A>(definition: Of<A>, args: A, finishes = false) {
  const options = finishes ? ({ args, restart: 'transient', significant: true } as const) : { args };
  return worker(definition as ActorDefinition<unknown, { type: string }, never, A>, ...([options] as never));
}
