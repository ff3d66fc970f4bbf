/** A whole cluster on one machine: a NATS server of its own and a process for every node, ended in order. */
import type { NodeNews } from '../../config/cluster/news.ts';
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
  /** Settings and folders that each node is given too, as they would be typed. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  hear(news: NodeNews): void;
  /** A process ended without having been asked to. */
  lost?(node: string, lastWords: string): void;
}

export interface LocalCluster {
  readonly nats: string;
  picture(): Picture;
  process(node: string): NodeProcess | undefined;
  /** Those who train end first, so that their checkpoint is written while all others are there; the broker ends last. */
  stop(): Promise<void>;
  /** Kills what is left, at once. */
  kill(): void;
}

/** @throws NATS_SERVER_MISSING, NATS_SERVER_FAILED, NATS_SERVER_RUNNING */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { placement, home, env } = options;
  const server = await useNatsServer(env, { storeDir: `${home}/nats` });
  let picture = emptyPicture(placement.nodes.map(({ name }) => name));
  let stopping = false;
  const processes = new Map<string, NodeProcess>();
  for (const { name } of placement.nodes) {
    const started = startNodeProcess(name, argsOf(name, server.url, options), env, (news) => {
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
    nats: server.url,
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
