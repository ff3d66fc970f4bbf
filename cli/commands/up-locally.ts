/** `esper up --local-cluster`: a broker and all nodes of a file on this machine, shown as one, ended in order. */
import type { PlacementFile } from '../../config/placement/plan.ts';
import type { RunSummary } from '../../config/runner.ts';
import { EsperError } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { ClusterView } from '../cluster/cluster-view.ts';
import { type LocalCluster, startLocalCluster } from '../cluster/local-cluster.ts';
import { leaveWord } from '../cluster/whereabouts.ts';
import { exitOfSignal, type Signal } from './run-to-end.ts';
import { conclude } from './up-here.ts';

export interface LocalWishes {
  readonly file: string;
  readonly placement: PlacementFile;
  readonly count: number;
  readonly run?: string;
  readonly keys: string;
  readonly stay: boolean;
}

/** @throws CLI_USAGE, NATS_SERVER_MISSING, NATS_SERVER_FAILED, the failure of the run */
export async function upLocally(cli: Cli, wishes: LocalWishes): Promise<void> {
  const { placement, count, file } = wishes;
  if (count !== placement.nodes.length) throw otherCount(file, placement.nodes.length, count);
  const { world } = cli;
  const view = new ClusterView(cli);
  let signal: Signal | null = null;
  let summary: RunSummary | null = null;
  let failed: EsperError | null = null;
  let over: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    over = resolve;
  });
  let cluster: LocalCluster | null = null;
  let forget: () => Promise<void> = async () => {};
  const release = world.onInterrupt((now) => {
    if (signal !== null) {
      cluster?.kill();
      world.exitNow(exitOfSignal(now));
      return;
    }
    signal = now;
    view.finish();
    cli.note('stopping: the run writes a checkpoint, then the nodes end (press again to stop at once)');
    over();
  });
  try {
    cluster = await startLocalCluster({
      placement,
      placementFile: file,
      runFile: wishes.run ?? null,
      home: cli.home,
      keys: wishes.keys,
      nowMs: world.clock.wallMs(),
      args: globalArgs(cli),
      env: world.env,
      hear(news) {
        if (cluster !== null) view.show(news, cluster.picture());
        if (news.what === 'run_ended') summary = news.summary;
        if (news.what === 'failed') failed = new EsperError(news.code, news.text, {}, { hint: news.hint });
        if (!wishes.stay && (news.what === 'run_ended' || news.what === 'failed')) over();
      },
      lost(node, lastWords) {
        view.note(`${node} has ended: ${lastWords.trim() || 'without a word'}`);
        if (cluster?.picture().nodes.size === [...(cluster?.picture().nodes ?? [])].filter(isGone).length)
          over();
      },
    });
    const { nats } = cluster;
    forget = await leaveWord(world.disk, cli.home, { cluster: placement.cluster, nats, keys: wishes.keys });
    for (const line of greeting(cli, cluster, wishes)) view.note(line);
    if (signal === null) await done;
    await cluster.stop();
  } finally {
    await forget();
    release();
    view.finish();
  }
  conclude(cli, { summary, failed, signal, accuracies: view.accuracies });
}

/** Where it is, who can get in, and how to command it. */
function greeting(cli: Cli, { nats, keysMade, ownBroker }: LocalCluster, { keys }: LocalWishes): string[] {
  return [
    ownBroker
      ? `broker ${nats}, TLS and a user for each node`
      : `broker ${nats} is NATS_URL's: whether it asks for TLS and users is not up to Esper; words of nodes are sealed, commands signed`,
    keysMade ? `keys made in ${keys}` : `keys of ${keys}`,
    `command it: ${cli.typed('admin status')}`,
  ];
}

const isGone = ([, state]: readonly [string, string]): boolean => state === 'lost' || state === 'left';

/** What was typed for all, typed again for each. */
function globalArgs(cli: Cli): readonly string[] {
  const { dataDir } = cli.options;
  return [
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
    ...cli.sets.flatMap((set) => ['--set', set]),
  ];
}

const otherCount = (file: string, named: number, wanted: number) =>
  new EsperError(
    'CLI_USAGE',
    `${file} names ${named} nodes, not ${wanted}`,
    { file, named, wanted },
    { hint: `esper up --local-cluster ${named}, or name another file with --config` },
  );
