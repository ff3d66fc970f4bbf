/** One node of a bench: a connection to the broker, a bus, and a yard of actors that other nodes can reach. */
import { type NetworkBus, openNetworkBus } from '../../actors/oona/network-bus.ts';
import { openNats } from '../../runtime/adapters/nats/link.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { type ActorSystem, joinCluster, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { benchPorts } from '../rig/ports.ts';
import { counter, Tally } from '../rig/yard.ts';

export interface BenchNode {
  readonly bus: NetworkBus;
  readonly system: ActorSystem;
  close(): Promise<void>;
}

/** Where samples are told, and where they are counted back. */
export const SAMPLES = 'telemetry.bench.sample';
export const PACED = 'system.bench.paced';

/** As large as what nodes usually say: 300 bytes on the wire. */
export const sample = (n: number, atMs: number) => ({
  type: 'bench.sample.said',
  v: 1,
  n,
  atMs,
  text: 'x'.repeat(230),
});
export type Sample = ReturnType<typeof sample>;

export async function openBenchNode(name: string, url: string): Promise<BenchNode> {
  const ports = await benchPorts();
  const link = await openNats({ ...ports, servers: [url], name });
  const options = { node: name, epoch: 1, defaultLimit: 1_000_000 };
  const bus = await openNetworkBus({ ...ports, ...link, hasher: nodeHasher() }, options);
  const cluster = await joinCluster({
    ...ports,
    transport: link.transport,
    leases: link.leases,
    node: { name },
    protocol: 'bench',
  });
  const tree = supervisor('yard', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
    worker(counter, { args: new Tally() }),
  ]);
  const system = await startSystem(tree, { ...ports, node: cluster.node, remote: cluster });
  return {
    bus,
    system,
    async close() {
      await system.stop();
      bus.close();
      await link.close();
    },
  };
}
