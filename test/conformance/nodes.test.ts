/** Out of reach is not dead: what a supervisor of another node may believe, and when. */
import { describe, expect } from 'vitest';
import { worker } from '../../runtime/index.ts';
import { nodes } from '../runtime/remote/nodes.ts';
import { child } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { witness } from './support/witness.ts';

describe('additions, between nodes', () => {
  conforms('remote_down_vs_dead', async () => {
    const seen: string[] = [];
    const { clock, broker, start } = nodes();
    const a = await start('a', [worker(witness(seen))]);
    const b = await start('b', [worker(child('x'))]);
    await clock.advance(2_000);
    a.system.ref('esper/witness').send({ type: 'watch', path: '//b/esper/x' } as never);
    await clock.advance(2_000);
    const stateOfB = () => a.cluster.peers().map(({ node, state }) => `${node} ${state}`);
    expect(stateOfB()).toEqual(['b up']);

    // silent, but its lease beats on: out of reach for as long as it takes, and never dead
    broker.partition('a', 'b');
    await clock.advance(60_000);
    expect(stateOfB()).toEqual(['b unreachable']);
    expect(seen).toEqual([]);
    broker.heal();
    await clock.advance(5_000);
    expect(stateOfB()).toEqual(['b up']);
    expect(seen).toEqual([]);

    // silent, and its lease runs out: first out of reach, then dead, and its watchers hear once
    b.crash();
    await clock.advance(4_000);
    expect(stateOfB()).toEqual(['b unreachable']);
    expect(seen).toEqual([]);
    await clock.advance(10_000);
    expect(stateOfB()).toEqual(['b down']);
    expect(seen).toEqual(['//b/esper/x: node_down']);

    // the next life of the node is another one: nobody is told about the old one again
    await start('b', [worker(child('x'))]);
    await clock.advance(5_000);
    expect(a.cluster.peers().map(({ state, epoch }) => `${state} ${epoch}`)).toEqual(['up 2']);
    expect(seen).toHaveLength(1);
  });
});
