/** Work and chatter on the bus of a node: jobs are critical and end as orders in a durable shop, telemetry may be lost but is counted. */
import { openNetworkBus } from '../../actors/oona/network-bus.ts';
import type { NatsLink } from '../../runtime/adapters/nats/index.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { type ActorSystem, type Cluster, remotePath } from '../../runtime/index.ts';
import type { ShopMessage } from '../sim/scenarios/shop.ts';
import { nowMs, type RealLife, say } from './real-life.ts';

const JOBS = 'jobs.of.the.yard';
const CHATTER = 'chatter.of.the.yard';

interface Job {
  readonly type: 'job';
  readonly v: 1;
  readonly id: string;
}

export interface Jobs {
  publish(id: string): void;
  telemetry(count: number): void;
  counters(): Readonly<Record<string, number>>;
}

/** Every node takes jobs from one queue, and hears everybody's telemetry on n1. */
export async function openJobs(
  link: NatsLink,
  life: RealLife,
  node: Cluster['node'],
  system: ActorSystem,
): Promise<Jobs> {
  const bus = await openNetworkBus(
    { ...life.ports, ...link, hasher: nodeHasher() },
    {
      node: node.name,
      epoch: node.epoch,
      topics: [
        { pattern: 'jobs.>', class: 'critical' },
        { pattern: 'chatter.>', class: 'telemetry' },
      ],
    },
  );
  const shop = system.ref<ShopMessage>(remotePath('n1', 'esper/shop'));
  const told = (id: string, what: 'taken' | 'refused' | 'handled') =>
    say({ is: 'job', atMs: nowMs(), id, what });
  let [said, heard] = [0, 0];
  // The shop keeps what it was told by id: a job that is handed out again changes nothing.
  const work = async ({ id }: Job) => {
    await shop.ask({ type: 'order', id, amount: 1 }, { withinMs: 5_000 });
    told(id, 'handled');
  };
  bus.subscribe(JOBS, ({ body }) => work(body as unknown as Job), { queue: 'workers', atOnce: 8 });
  if (node.name === 'n1') {
    bus.subscribe(CHATTER, () => {
      heard++;
    });
  }
  return {
    publish(id) {
      const taken = bus.publish(JOBS, { type: 'job', v: 1, id } as Job, { id });
      told(id, taken ? 'taken' : 'refused');
    },
    telemetry(count) {
      for (let n = 0; n < count; n++) {
        said++;
        bus.publish(CHATTER, { type: 'chatter', v: 1 });
      }
    },
    counters: () => ({
      telemetrySaid: said,
      telemetryHeard: heard,
      telemetryDropped: bus.network().dropped.telemetry,
      jobsDead: bus.deadLetters().length,
      ...Object.fromEntries(
        bus.deadLetters().map(({ reason, tries }) => [`dead after ${tries}: ${reason}`, 1]),
      ),
    }),
  };
}
