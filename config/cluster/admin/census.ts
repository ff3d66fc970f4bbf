/** Who is in the cluster, as one node sees it: its own facts, and what the others said with their last beat. */
import type { NodeLine } from '../../../contracts/index.ts';
import { NodeFacts } from '../../../contracts/placement.ts';
import type { PlacementStatus } from '../../../contracts/placement-messages.ts';
import { checkerOf } from '../../../runtime/checker.ts';
import type { AdminWorld } from './world.ts';

const facts = checkerOf(NodeFacts);
const MIB = 1_048_576;

/** In the order of the placement file, others after them. */
export function census(world: AdminWorld, status: PlacementStatus | null): readonly NodeLine[] {
  const { cluster, placed, placement } = world;
  const here = lineOf(cluster.node.name, cluster.node.epoch, 'up', placed.facts(), status);
  const others = cluster.peers().map(({ node, epoch, state, left, inventory }) => {
    const said = inventory.placement;
    return lineOf(node, epoch, wordFor(state, left), facts.check(said) ? said : null, status);
  });
  const order = placement.nodes.map(({ name }) => name);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [here, ...others].sort((a, b) => place(a.node) - place(b.node));
}

/** `down` is the network's word for a lease that has ended: let go of in order, or run out. */
const wordFor = (state: string, left: boolean): string => (state !== 'down' ? state : left ? 'left' : 'dead');

function lineOf(
  node: string,
  epoch: number,
  state: string,
  said: NodeFacts | null,
  status: PlacementStatus | null,
): NodeLine {
  const wanted = status?.nodes.find(({ name }) => name === node);
  const going = wanted?.leaving ? 'leaving' : wanted?.draining ? 'draining' : state;
  const alive = state === 'up' ? said : null;
  return {
    node,
    epoch,
    state: state === 'up' ? going : state,
    cordoned: wanted?.cordoned ?? false,
    labels: said === null ? [] : [...said.labels],
    units: (alive?.units ?? []).map(({ unit, phase }) => (phase === 'running' ? unit : `${unit} (${phase})`)),
    load: alive === null ? null : Math.min(1, alive.load / Math.max(1, alive.cores)),
    memory: alive === null ? null : Math.max(0, alive.memoryMb - alive.freeMemoryMb) * MIB,
  };
}
