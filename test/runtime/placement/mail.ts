/** Three nodes, a unit that a test moves by hand, and everything that reached it, in order. */
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import {
  type ActorSystem,
  accept,
  type Cluster,
  defineActor,
  joinCluster,
  type Ref,
  refuse,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { Directory } from '../../../runtime/placement/directory.ts';
import { placedPath } from '../../../runtime/placement/names.ts';
import { PlacedSide } from '../../../runtime/placement/placed-side.ts';
import { meanwhile } from '../remote/nodes.ts';

export type Note =
  | { readonly type: 'note'; readonly by: string; readonly n: number }
  /** Answered only when the unit is told to. */
  | { readonly type: 'wonder' }
  | { readonly type: 'decline' };

export interface MailNode {
  readonly name: string;
  readonly system: ActorSystem;
  readonly cluster: Cluster;
  readonly side: PlacedSide;
  readonly directory: Directory;
  readonly unit: Ref<Note>;
  crash(): void;
}

export interface Arrival {
  readonly at: string;
  readonly by: string;
  readonly n: number;
}

const UNIT = 'post';
const DOOR = 'esper/door';
const NEAR_MS = 50;

/**
 * @param held messages that a node keeps for the unit
 * @param urgency does its mailbox know urgent messages from others?
 */
export async function mailNodes(seed: number, names: readonly string[], held = 4_096, urgency = false) {
  const clock = memoryClock();
  const random = randomStream(seed);
  const broker = memoryBroker({ clock, random: random.split('broker') });
  const arrived: Arrival[] = [];
  const nodes: MailNode[] = [];
  let epoch = 0;
  let home: MailNode | null = null;

  /** Takes in what it hears, in order. */
  const door = (at: string) =>
    defineActor<null, Note>({
      name: 'door',
      // Small: what does not fit has to wait outside.
      mailbox: { capacity: 16, whenFull: 'refuse', ...(urgency ? { priorities: { ageMs: 60_000 } } : {}) },
      fresh: () => null,
      decide: {
        note: (_state, { by, n }) => {
          arrived.push({ at, by, n });
          return accept(n);
        },
        wonder: async () => {
          await new Promise<void>((resolve) => clock.after(1_000, resolve));
          return accept('at last');
        },
        decline: () => refuse('UNIT_NOT_HERE', { says: 'the unit itself' }),
      },
    });

  for (const name of names) {
    const split = random.split(name);
    const ports = { clock, log: memoryLog(), metrics: memoryMetrics(), ids: memoryIds(), random: split };
    const transport = broker.connect(name);
    const node = { name };
    const limits = { beatMs: 200, leaseMs: 1_200 };
    const joining = joinCluster({
      ...ports,
      transport,
      leases: broker.leases(name),
      node,
      protocol: 'one',
      limits,
    });
    const cluster = await meanwhile(clock, joining);
    const directory = new Directory(name);
    const side = new PlacedSide(cluster, directory, (unit) => unit === UNIT, held);
    const spec = supervisor('esper', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
      worker(door(name)),
    ]);
    const system = await startSystem(spec, { ...ports, node: cluster.node, remote: side });
    let alive = true;
    const look = () => {
      const near = cluster.peers().filter(({ state }) => state === 'up');
      directory.setNear(new Set(near.map((peer) => peer.node)));
      if (alive) clock.after(NEAR_MS, look);
    };
    look();
    const crash = () => {
      alive = false;
      cluster.abandon();
      transport.close();
    };
    nodes.push({ name, system, cluster, side, directory, unit: system.ref<Note>(placedPath(UNIT)), crash });
  }

  return {
    clock,
    broker,
    arrived,
    nodes,
    /** What one node's notes were, in the order in which they came. */
    of: (by: string): readonly number[] => arrived.filter((one) => one.by === by).map(({ n }) => n),
    /**
     * It goes there, and is nowhere for a while.
     * @param heardMs milliseconds after which each other node hears of it, by turns
     */
    async move(to: MailNode, nowhereMs: number, heardMs: readonly number[]): Promise<void> {
      home?.directory.over(UNIT, epoch);
      await clock.advance(nowhereMs);
      home = to;
      const mine = ++epoch;
      to.directory.here(UNIT, mine, DOOR);
      for (const [at, { directory }] of nodes.entries())
        clock.after(heardMs[at % heardMs.length] as number, () => directory.there(UNIT, mine, to.name));
    },
    /** Keeps nothing and waits for nothing. */
    settled: () => nodes.every(({ side }) => (side.held()[UNIT] ?? 0) === 0),
  };
}
