/** Several nodes in one process: a broker, a clock that stands still, and a system on each node. */
import { randomStream } from '../../../contracts/random-stream.ts';
import { type BrokerOptions, memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { type MemoryMetrics, memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import {
  type ActorSystem,
  type ChildSpec,
  type Cluster,
  type ClusterOptions,
  joinCluster,
  startSystem,
  supervisor,
} from '../../../runtime/index.ts';

export interface Node {
  readonly cluster: Cluster;
  readonly system: ActorSystem;
  readonly metrics: MemoryMetrics;
  /** As a process that is killed: nothing of it acts any more. */
  crash(): void;
}

export interface NodeOptions
  extends Partial<
    Pick<
      ClusterOptions,
      'limits' | 'protocol' | 'onPeer' | 'onReplaced' | 'seal' | 'inventory' | 'failPoints'
    >
  > {
  /** Client of the broker, when it is not the node's name. */
  readonly client?: string;
}

export function nodes(seed = 1, options: Partial<BrokerOptions> = {}) {
  const clock = memoryClock();
  const random = randomStream(seed);
  const broker = memoryBroker({ clock, random: random.split('broker'), ...options });
  let lives = 0;

  const start = async (
    name: string,
    children: readonly ChildSpec[] | ((cluster: Cluster) => readonly ChildSpec[]),
    { client = name, ...given }: NodeOptions = {},
  ): Promise<Node> => {
    const life = `${name} ${++lives}`;
    const metrics = memoryMetrics();
    const points = given.failPoints === undefined ? {} : { failPoints: given.failPoints };
    const ports = {
      clock,
      metrics,
      log: memoryLog(),
      ids: memoryIds(),
      random: random.split(life),
      ...points,
    };
    const transport = broker.connect(client);
    const cluster = await meanwhile(
      clock,
      joinCluster({
        ...ports,
        transport,
        leases: broker.leases(client),
        node: { name },
        protocol: 'one',
        ...given,
      }),
    );
    const spec = supervisor(
      'esper',
      { strategy: 'one_for_one', intensity: 1_000, periodMs: 1_000 },
      typeof children === 'function' ? children(cluster) : children,
    );
    const system = await startSystem(spec, { ...ports, node: cluster.node, remote: cluster });
    const crash = () => {
      cluster.abandon();
      transport.close();
    };
    return { cluster, system, metrics, crash };
  };
  return { clock, broker, start };
}

/** Awaits something while time goes on. */
export async function meanwhile<T>(clock: MemoryClock, work: Promise<T>, limitMs = 60_000): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  for (let passed = 0; !over && passed < limitMs; passed += 5) await clock.advance(5);
  return work;
}
