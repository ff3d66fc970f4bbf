/** An actor of which all nodes together run one: whoever holds its lease starts it, and stops it before the lease can end. */
import { type ActorDefinition, type Cx, defineActor } from '../actor/behaviour.ts';
import { accept } from '../actor/decision.ts';
import type { Message } from '../actor/messages.ts';
import { worker } from '../supervisor/declare.ts';
import type { WorkerOptions, WorkerSpec } from '../supervisor/spec.ts';
import type { Cluster } from './cluster.ts';
import type { Held } from './tenure.ts';

/** Last word of the path of the actor itself, below its keeper's. */
const OWNER = 'owner';

type KeeperMessage =
  | { readonly type: 'singleton.gained'; readonly held: Held }
  | { readonly type: 'singleton.lost' };

interface Keeping {
  release(): Promise<void>;
}

/**
 * A child for the tree of every node that may run the actor: at `<id>/owner`, on one of them at a time.
 * The epoch in `held` belongs on everything the actor sends to what it alone may change; a `Fence` there refuses the rest.
 *
 * @param name of the lease, the same on all nodes
 * @param args what one tenure starts the actor with
 */
export function singleton<S, M extends Message, E, A>(
  cluster: Pick<Cluster, 'hold'>,
  name: string,
  definition: ActorDefinition<S, M, E, A>,
  args: (held: Held) => A,
  options: WorkerOptions = {},
): WorkerSpec {
  const light = { ...definition, light: true };
  const children = (cx: Cx<KeeperMessage>) => cx.children({ onGiveUp: (_id, error) => cx.fail(error) });
  const keeper = defineActor<Keeping, KeeperMessage>({
    name: 'singleton',
    fresh(cx) {
      // What the lease says overtakes everything: an owner that has lost it must not act on.
      const tell = (message: KeeperMessage) => void cx.self.send(message, { priority: 'system' });
      return cluster.hold(name, {
        gained: (held) => tell({ type: 'singleton.gained', held }),
        lost: (why) => {
          cx.log.write('warn', 'a singleton is given up', { singleton: name, why });
          tell({ type: 'singleton.lost' });
        },
      });
    },
    decide: {
      'singleton.gained': (_keeping, { held }, cx) => {
        // It may have been lost again while this message waited.
        if (!held.held()) return accept();
        // Half of the grace is for stopping, the other half for whatever delayed the word that it is lost.
        const shutdown = { withinMs: held.graceMs / 2 };
        children(cx).start(light, { id: OWNER, args: args(held), restart: 'permanent', shutdown });
        return accept();
      },
      'singleton.lost': (_keeping, _message, cx) => {
        children(cx).stop(OWNER, 'its lease was lost');
        return accept();
      },
    },
    // The actor itself has stopped by now: others may have the name.
    stopped: (keeping) => keeping.release(),
  });
  return worker(keeper, { id: name, ...options });
}
