/** Two nodes: an actor asks one on another node by path; the broker between them loses and doubles, and nobody notices. */
import { accept, defineActor, joinCluster, supervisor, worker } from 'esper/runtime';
import { hmacSeal, nodePorts, startOnNode } from 'esper/runtime/node';
import { memoryBroker } from 'esper/runtime/testkit';

type Count = { readonly type: 'next' };

const counter = defineActor<number, Count, 'counted'>({
  name: 'counter',
  fresh: () => 0,
  decide: { next: (count) => accept(count + 1, 'counted') },
  evolve: (count) => count + 1,
});

const secret = new TextEncoder().encode('known to the nodes of this cluster alone');
const { clock, random } = await nodePorts({ seed: 7 });
// One message in ten is lost, one in ten comes twice.
const broker = memoryBroker({
  clock,
  random,
  faults: { dropRate: 0.1, duplicateRate: 0.1, delayMs: [1, 5] },
});

async function node(name: string) {
  const ports = await nodePorts();
  const cluster = await joinCluster({
    ...ports,
    transport: broker.connect(name),
    leases: broker.leases(name),
    node: { name },
    protocol: 'count-1', // nodes that speak otherwise are turned away
    seal: hmacSeal(secret), // strangers are not believed
  });
  const tree = supervisor('app', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [
    worker(counter),
  ]);
  return startOnNode(tree, { ...ports, node: cluster.node, remote: cluster });
}

const north = await node('north');
const south = await node('south');
const ref = north.ref<Count>('//south/app/counter');
const counted: number[] = [];
for (let i = 0; i < 10; i++) counted.push(await ref.ask<number>({ type: 'next' }, { withinMs: 10_000 }));
console.log(`south counted ${counted.join(' ')}: each once, in order`);
await Promise.all([north.stop(), south.stop()]);
