/** A node of a cluster: it joins under its name, offers what it can run, and runs what it is given. */
import { type NetworkBus, openNetworkBus } from '../../actors/oona/network-bus.ts';
import type { OonaBus } from '../../actors/oona/oona-bus.ts';
import { toFailure } from '../../contracts/index.ts';
import type { NatsLink } from '../../runtime/adapters/nats/link.ts';
import {
  type ActorSystem,
  type ChildSpec,
  type Cluster,
  joinCluster,
  type PeerView,
  startSystem,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { openPlacement, type Placement } from '../../runtime/placement/index.ts';
import { nearest } from '../did-you-mean.ts';
import { engine } from '../engine.ts';
import { type HostPorts, hostPorts } from '../hosts/ports.ts';
import { type NodeKeys, readNodeKeys } from '../keys/node-keys.ts';
import type { NodePlan, PlacementFile } from '../placement/plan.ts';
import { adminChildren } from './admin/children.ts';
import { RunBoard } from './admin/run-board.ts';
import { notInFile, otherProtocol } from './errors.ts';
import { factoriesOf } from './factories.ts';
import { type FactsOfMachine, factsOf } from './facts.ts';
import { engineIn, refuseOtherProtocol } from './first-listen.ts';
import { latency } from './latency.ts';
import { openLink } from './link.ts';
import { refuseLiveName } from './live-name.ts';
import type { ClusterNews, NodeNews } from './news.ts';
import { overheard } from './overheard.ts';
import { protocolHash } from './protocol.ts';
import { type RunUnit, runUnit } from './run-unit.ts';
import type { PlacedRun } from './unit-options.ts';

export interface NodeOptions {
  readonly name: string;
  readonly placement: PlacementFile;
  /** Address of the broker. */
  readonly nats: string;
  /** Folder of keys that `esper keys init` made; null: no command is believed, and whoever reaches the broker is. */
  readonly keys: string | null;
  /** Of this Esper. */
  readonly version: string;
  /** Folder of runs, of Urza's library and of this node's log and audit. */
  readonly home: string;
  readonly run: PlacedRun | null;
  /** Hash of what this node speaks; what this installation speaks unless said. */
  readonly protocol?: string;
  readonly tell: (news: NodeNews) => void;
}

export interface RunningNode {
  readonly name: string;
  /** Ends the run in order, lets go of every unit and leaves. Twice is harmless. */
  stop(why: string): Promise<void>;
  /** Resolves when it has left, with the failure that made it leave, if there was one. */
  readonly ended: Promise<Error | null>;
}

/** How long a newcomer listens before it says anything, in beats of the others. */
const LISTEN_BEATS = 1.3;
/** Milliseconds a node that leaves in order waits for the broker to store what it said last. */
const STORED_WITHIN_MS = 2_000;

/**
 * @throws NODE_NOT_IN_FILE, NODE_NAME_LIVE, NODE_INCOMPATIBLE, NODE_JOIN_LATE, NATS_UNREACHABLE, NATS_AUTH_REFUSED,
 * NATS_TLS_REFUSED, STREAMS_UNREACHABLE, AUDIT_TAMPERED, and what `readNodeKeys` throws
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { name, placement, home, nats } = options;
  const plan = planOf(name, placement);
  const logFile = `${home}/nodes/${name}.log`;
  const ports = hostPorts(name, logFile);
  const { clock, log, metrics } = ports;
  const { cluster } = placement;
  const keys = options.keys === null ? null : await readNodeKeys(options.keys, name, cluster);
  const link = await openLink({ nats, name, cluster, keys, clock, log, metrics });
  const node = new LiveNode(options, factsOf(plan, clock), { ports, link, logFile, keys });
  try {
    await node.join();
    return node;
  } catch (error) {
    await node.fail(error as Error);
    throw error;
  }
}

/** What it says, keeps and trusts. */
interface NodeWays {
  readonly ports: HostPorts;
  readonly link: NatsLink;
  readonly logFile: string;
  readonly keys: NodeKeys | null;
}

class LiveNode implements RunningNode {
  readonly name: string;
  readonly ended: Promise<Error | null>;
  readonly #options: NodeOptions;
  readonly #ports: HostPorts;
  readonly #link: NatsLink;
  readonly #logFile: string;
  readonly #keys: NodeKeys | null;
  readonly #protocol: string;
  readonly #facts: FactsOfMachine;
  #run: RunUnit | null = null;
  #system: ActorSystem | null = null;
  #bus: NetworkBus | null = null;
  #board: RunBoard | null = null;
  #finish: (failure: Error | null) => void = () => {};
  #stopping: Promise<void> | null = null;

  constructor(options: NodeOptions, facts: FactsOfMachine, { ports, link, logFile, keys }: NodeWays) {
    this.name = options.name;
    this.#options = options;
    this.#ports = ports;
    this.#link = link;
    this.#logFile = logFile;
    this.#keys = keys;
    this.#protocol = options.protocol ?? protocolHash();
    this.#facts = facts;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async join(): Promise<void> {
    const { placement, home, run, nats } = this.#options;
    const { clock, hasher, ids, log, metrics } = this.#ports;
    const { transport, leases, streams, services } = this.#link;
    const tell = (news: ClusterNews) => this.#tell(news);
    let said: OonaBus | null = null;
    const bus = (): OonaBus => {
      said ??= overheard(this.#bus as NetworkBus, this.#facts.strain, metrics);
      return said;
    };
    const units = { bus, ports: this.#ports, home, logFile: this.#logFile, run, tell };
    this.#run = runUnit(units);
    await this.#lookAround();
    const placed = openPlacement({
      name: this.name,
      factories: factoriesOf(placement, units, this.#run),
      facts: () => this.#facts.read(),
      plan: { generation: placement.generation, units: [...placement.units] },
      leases,
      prefix: placement.cluster,
      clock,
      log,
      metrics,
      onLeave: () => void this.stop('it was told to leave'),
    });
    const systemPorts = await this.#ports.system(0);
    const cluster: Cluster = await joinCluster({
      transport,
      leases,
      clock,
      ids,
      log,
      metrics,
      random: systemPorts.random,
      node: { name: this.name },
      protocol: this.#protocol,
      prefix: placement.cluster,
      limits: { beatMs: placement.beatMs, leaseMs: placement.leaseMs },
      inventory: () => placed.inventory(),
      onPeer: (peer) => this.#peer(peer),
      onReplaced: (error) => void this.fail(error),
    });
    this.#bus = await openNetworkBus(
      { transport, streams, services, clock, hasher, ids, log, metrics },
      { node: this.name, epoch: cluster.node.epoch, prefix: placement.cluster },
    );
    const limits = { strategy: 'one_for_one', intensity: 10, periodMs: 60_000 } as const;
    const { roundTrips } = this.#facts;
    const distances = worker(latency, { args: { peers: () => cluster.peers(), roundTrips } });
    const children = [...placed.children(cluster), distances, ...this.#admin(placed, cluster)];
    this.#system = await startSystem(supervisor('esper', limits, children), {
      ...systemPorts,
      node: cluster.node,
      remote: placed.side(cluster),
    });
    void this.#system.done.then((reason) => {
      if (reason.kind === 'crashed') void this.fail(reason.error);
    });
    tell({ what: 'joined', epoch: cluster.node.epoch, protocol: this.#protocol, nats: withoutSecrets(nats) });
  }

  #admin(placed: Placement, cluster: Cluster): readonly ChildSpec[] {
    const { placement, home, version } = this.#options;
    const bus = this.#bus as NetworkBus;
    this.#board = new RunBoard(bus, this.#ports.clock);
    const world = {
      ...{ name: this.name, version, home, protocol: this.#protocol, placement, placed, cluster, bus },
      ...{ link: this.#link, run: this.#run, ports: this.#ports, keys: this.#keys },
      system: () => this.#system as ActorSystem,
    };
    return adminChildren(world, this.#board);
  }

  stop(why: string): Promise<void> {
    this.#stopping ??= this.#stop(why, null);
    return this.#stopping;
  }

  /** Something ended it. */
  fail(error: Error): Promise<void> {
    this.#stopping ??= this.#stop(error.message, error);
    return this.#stopping;
  }

  async #stop(why: string, failure: Error | null): Promise<void> {
    if (failure === null) await this.#run?.stop();
    await this.#system?.stop(why);
    this.#board?.close();
    // What was said last is with the broker before this node is gone.
    if (failure === null) await this.#bus?.stored(STORED_WITHIN_MS);
    this.#bus?.close();
    this.#facts.close();
    await this.#link.close();
    if (failure === null) this.#tell({ what: 'left', why });
    else this.#tell({ what: 'failed', ...told(failure) });
    await this.#ports.log.flush();
    this.#finish(failure);
  }

  /** Is the name free, and do all that are there speak as this node does? Nothing is taken before that is known. */
  async #lookAround(): Promise<void> {
    const { cluster: prefix, beatMs } = this.#options.placement;
    const { name } = this;
    const { clock } = this.#ports;
    const { leases, transport } = this.#link;
    const forMs = LISTEN_BEATS * beatMs;
    await Promise.all([
      refuseLiveName(name, { leases, clock, prefix }),
      refuseOtherProtocol({ transport, clock, prefix, name, protocol: this.#protocol, forMs }),
    ]);
  }

  #peer(peer: PeerView): void {
    if (peer.state !== 'incompatible') {
      this.#tell({ what: 'peer', peer: peer.node, state: peer.state });
      return;
    }
    const { code, message } = otherProtocol(this.name, peer.node, engineIn(peer.inventory), engine);
    this.#ports.log.write('error', message, { code, peer: peer.node });
    this.#tell({ what: 'peer', peer: peer.node, state: peer.state, code });
  }

  #tell(news: ClusterNews): void {
    this.#options.tell({ kind: 'NodeNews', node: this.name, atMs: this.#ports.clock.wallMs(), ...news });
  }
}

function planOf(name: string, { nodes }: PlacementFile): NodePlan {
  const plan = nodes.find((node) => node.name === name);
  if (plan !== undefined) return plan;
  const known = nodes.map((node) => node.name);
  throw notInFile(name, known, nearest(name, known));
}

const withoutSecrets = (url: string): string => url.replace(/\/\/[^/@]*@/g, '//');

function told(error: Error) {
  const { code, message, details } = toFailure(error);
  return { code, text: message, hint: String(details.hint ?? '') };
}
