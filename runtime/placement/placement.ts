/** Placement as one node takes part in it: what it says of itself, the actors it adds to the tree, and the way to units by name. */
import type { NodeFacts } from '../../contracts/placement.ts';
import { NodeFacts as NodeFactsSchema } from '../../contracts/placement.ts';
import { checkerOf } from '../checker.ts';
import type { Cluster } from '../remote/cluster.ts';
import { Fence } from '../remote/fence.ts';
import type { RemoteSide } from '../remote/remote-side.ts';
import { singleton } from '../remote/singleton.ts';
import { supervisor, worker } from '../supervisor/declare.ts';
import type { ChildSpec } from '../supervisor/spec.ts';
import { agent } from './agent.ts';
import type { AgentWorld } from './agent-world.ts';
import { Directory } from './directory.ts';
import { STEWARD, STEWARD_OWNER } from './names.ts';
import { limitsOf, type PlacementOptions } from './options.ts';
import { Parcels } from './parcels.ts';
import { PlacedSide } from './placed-side.ts';
import { steward } from './steward.ts';
import type { Tenancy } from './tenancy.ts';

/** One joined node. Made before it joins, because its first beat tells of it. */
export interface Placement {
  /** For `joinCluster`, with what else the node has to say: `() => ({ ...placement.inventory(), ... })`. */
  inventory(): { readonly placement: NodeFacts };
  /**
   * For the root supervisor `esper`, in this order, after whatever units need: the agent and its units stop before what
   * comes earlier in the tree.
   */
  children(cluster: Cluster): readonly ChildSpec[];
  /** For `startSystem` as `remote`, instead of the cluster itself: knows `esper/placed/<unit>`. Once. */
  side(cluster: Cluster): RemoteSide;
  /** What is here now. */
  facts(): NodeFacts;
  /** Messages that wait on this node for units on their way. */
  held(): Readonly<Record<string, number>>;
}

const factsChecker = checkerOf(NodeFactsSchema);

export function openPlacement(options: PlacementOptions): Placement {
  const limits = limitsOf(options.limits);
  const openedMs = options.clock.nowMs();
  const directory = new Directory(options.name);
  const tenancies = new Map<string, Tenancy>();
  const warm = new Map<string, () => void>();
  const fence = new Fence(STEWARD);
  let side: PlacedSide | null = null;

  const facts = (): NodeFacts => ({
    ...options.facts(),
    v: 1,
    name: options.name,
    cordoned: false,
    able: Object.keys(options.factories),
    warm: [...warm.keys()],
    units: [...tenancies.values()].map(({ view }) => view),
  });
  const units = new Set([...options.plan.units.map(({ unit }) => unit), ...Object.keys(options.factories)]);
  const knows = (unit: string) => unit === STEWARD || units.has(unit) || directory.epochOf(unit) > 0;

  return {
    inventory: () => ({ placement: facts() }),
    facts,
    held: () => side?.held() ?? {},
    side(cluster) {
      side = new PlacedSide(cluster, directory, knows, limits.heldMessages);
      return side;
    },
    children(cluster) {
      const agentWorld: AgentWorld = {
        options,
        limits,
        cluster,
        directory,
        fence,
        tenancies,
        parcels: new Parcels(),
        warm,
        facts,
        refresh: () => refresh(cluster, directory),
      };
      const stewardWorld = { options, limits, cluster, facts, openedMs };
      const flat = { strategy: 'one_for_one', intensity: 100, periodMs: 1_000 } as const;
      return [
        supervisor('units', flat, []),
        worker(agent(agentWorld)),
        singleton(cluster, STEWARD, steward(stewardWorld), (held) => {
          directory.here(STEWARD, held.epoch, STEWARD_OWNER);
          return held;
        }),
      ];
    },
  };
}

/** Hears what the others say of themselves. */
function refresh(cluster: Cluster, directory: Directory): void {
  const near = new Set<string>();
  for (const { node, state, inventory } of cluster.peers()) {
    if (state !== 'up') continue;
    near.add(node);
    const said = inventory.placement;
    if (!factsChecker.check(said) || said.name !== node) continue;
    for (const { unit, phase, epoch } of said.units)
      if (phase === 'running') directory.there(unit, epoch, node);
  }
  directory.setNear(near);
}
