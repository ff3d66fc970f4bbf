/** Who is in the cluster, in the words of those who command it. */
import { expect, it } from 'vitest';
import { census } from '../../../config/cluster/admin/census.ts';
import type { AdminWorld } from '../../../config/cluster/admin/world.ts';
import type { PeerView } from '../../../runtime/index.ts';
import { node as factsOf } from '../../runtime/placement/facts.ts';

const peer = (node: string, state: PeerView['state'], left = false): PeerView => ({
  ...{ node, epoch: 1, state, left, outbox: 0, asks: 0, held: 0 },
  inventory: { placement: factsOf(node) },
});

it('a node that went in order has left, one that fell is dead, and neither carries anything', () => {
  const world: Pick<AdminWorld, 'cluster' | 'placed' | 'placement'> = {
    cluster: {
      node: { name: 'a', epoch: 1 },
      peers: () => [peer('d', 'unreachable'), peer('c', 'down'), peer('b', 'down', true), peer('e', 'up')],
    } as unknown as AdminWorld['cluster'],
    placed: { facts: () => factsOf('a') } as AdminWorld['placed'],
    placement: { nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } as unknown as AdminWorld['placement'],
  };
  const lines = census(world as AdminWorld, null);

  expect(lines.map(({ node, state }) => [node, state])).toEqual([
    ['a', 'up'],
    ['b', 'left'],
    ['c', 'dead'],
    ['d', 'unreachable'],
    ['e', 'up'],
  ]);
  expect(lines.filter(({ load }) => load !== null).map(({ node }) => node)).toEqual(['a', 'e']);
});
