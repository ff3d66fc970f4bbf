/** A whole cluster on one machine: a NATS server of its own and a process for every node, ended in order. */
import type { NodeNews } from '../../config/cluster/news.ts';
import { ensureKeys, serverLinesOf } from '../../config/keys/local-keys.ts';
import type { PlacementFile } from '../../config/placement/plan.ts';
import { useNatsServer } from '../../runtime/adapters/nats/server.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import { emptyPicture, evolve, type Picture, withoutNode } from './picture.ts';

/** Milliseconds an orderly end may take before it is no longer waited for: a checkpoint has to be written. */
const END_MS = 30_000;

export interface LocalClusterOptions {
  readonly placement: PlacementFile;
  /** The file that says so: each node reads it again. */
  readonly placementFile: string;
  /** Null starts nodes that train nothing. */
  readonly runFile: string | null;
  readonly home: string;
  /** Absolute folder of keys: made when there are none. */
  readonly keys: string;
  /** UTC milliseconds. */
  readonly nowMs: number;
  /** Settings and folders that each node is given too, as they would be typed. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  hear(news: NodeNews): void;
  /** A process ended without having been asked to. */
  lost?(node: string, lastWords: string): void;
}

export interface LocalCluster {
  readonly nats: string;
  /** Its keys were made now. */
  readonly keysMade: boolean;
  /** Nobody gets in without a key; false for a broker that others run, which may let in anybody. */
  readonly ownBroker: boolean;
  picture(): Picture;
  process(node: string): NodeProcess | undefined;
  /** Those who train end first, so that their checkpoint is written while all others are there; the broker ends last. */
  stop(): Promise<void>;
  /** Kills what is left, at once. */
  kill(): void;
}

/**
 * @throws NATS_SERVER_MISSING, NATS_SERVER_FAILED, NATS_SERVER_RUNNING, KEYS_OTHER_CLUSTER, KEYS_OTHER_NODES, KEYS_INVALID,
 * KEYS_EXPOSED, KEYS_UNWRITABLE
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { placement, env } = options;
  const { server, nats, keysMade, ownBroker } = await broker(options);
  let picture = emptyPicture(placement.nodes.map(({ name }) => name));
  let stopping = false;
  const processes = new Map<string, NodeProcess>();
  for (const { name } of placement.nodes) {
    const started = startNodeProcess(name, argsOf(name, nats, options), env, (news) => {
      // Nodes that end one after the other miss each other: nobody needs to hear of it.
      if (stopping && news.what === 'peer') return;
      picture = evolve(picture, news);
      options.hear(news);
    });
    processes.set(name, started);
    void started.ended.then(({ lastWords }) => {
      processes.delete(name);
      if (stopping) return;
      picture = withoutNode(picture, name);
      options.lost?.(name, lastWords);
    });
  }
  return {
    nats,
    keysMade,
    ownBroker,
    picture: () => picture,
    process: (node) => processes.get(node),
    async stop() {
      stopping = true;
      for (const name of inOrderOfEnd(placement)) await endOne(processes.get(name));
      await server.stop();
    },
    kill() {
      stopping = true;
      for (const process of processes.values()) process.kill('SIGKILL');
    },
  };
}

/** A server of one's own speaks TLS and knows its users; the one that NATS_URL names is as whoever runs it made it. */
async function broker({ placement, home, keys, nowMs, env }: LocalClusterOptions) {
  const { cluster, nodes } = placement;
  const names = nodes.map(({ name }) => name);
  const keysMade = await ensureKeys({ folder: keys, cluster, nodes: names, nowMs });
  const ownBroker = !env.NATS_URL;
  const configLines = ownBroker ? await serverLinesOf(keys, cluster, nowMs) : [];
  const server = await useNatsServer(env, { storeDir: `${home}/nats`, configLines });
  const nats = ownBroker ? server.url.replace('nats:', 'tls:') : server.url;
  return { server, nats, keysMade, ownBroker };
}

/** Nodes that may hold the triad before all others. */
function inOrderOfEnd({ nodes, units }: PlacementFile): readonly string[] {
  const wanted = units.find(({ actors }) => actors.includes('tolaria'))?.labels ?? [];
  const trains = (labels: readonly string[]) => wanted.every((label) => labels.includes(label));
  return [...nodes]
    .sort((a, b) => Number(trains(b.labels)) - Number(trains(a.labels)))
    .map(({ name }) => name);
}

async function endOne(process: NodeProcess | undefined): Promise<void> {
  if (process === undefined) return;
  process.kill('SIGTERM');
  const timer = setTimeout(() => process.kill('SIGKILL'), END_MS);
  await process.ended;
  clearTimeout(timer);
}

const argsOf = (name: string, nats: string, options: LocalClusterOptions): readonly string[] => [
  'up',
  '--json',
  ...options.args,
  '--home',
  options.home,
  '--node',
  name,
  '--config',
  options.placementFile,
  '--nats',
  nats,
  '--keys',
  options.keys,
  '--stay',
  ...(options.runFile === null || !trainsHere(name, options.placement) ? [] : ['--run', options.runFile]),
];

/** Only nodes that may be given the triad are told what to train. */
function trainsHere(name: string, { nodes, units }: PlacementFile): boolean {
  const node = nodes.find((one) => one.name === name);
  const triad = units.find(({ actors }) => actors.includes('tolaria'));
  if (node === undefined || triad === undefined) return false;
  return (triad.pin ?? name) === name && triad.labels.every((label) => node.labels.includes(label));
}
