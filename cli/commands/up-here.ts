/** `esper up --node`: one node in this process, until its run ends, it is told to leave, or somebody interrupts it. */
import type { NodeNews } from '../../config/cluster/news.ts';
import type { RunningNode } from '../../config/cluster/node.ts';
import type { PlacementFile } from '../../config/placement/plan.ts';
import type { RunSummary } from '../../config/runner.ts';
import { EsperError, type RunConfig } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { ClusterView } from '../cluster/cluster-view.ts';
import { emptyPicture, evolve } from '../cluster/picture.ts';
import { summaryText } from '../render/summary.ts';
import { documentOf } from '../views/documents.ts';
import { exitOf, exitOfSignal, type Signal } from './run-to-end.ts';

export interface NodeWishes {
  readonly node: string;
  readonly placement: PlacementFile;
  readonly run: RunConfig | null;
  readonly nats?: string;
  /** Folder; null for a node without. */
  readonly keys: string | null;
  readonly stay: boolean;
}

/** @throws what `startNode` throws, NODE_REPLACED */
export async function upHere(cli: Cli, wishes: NodeWishes): Promise<void> {
  const { world } = cli;
  const view = new ClusterView(cli);
  let picture = emptyPicture([wishes.node]);
  let summary: RunSummary | null = null;
  let failed: EsperError | null = null;
  let signal: Signal | null = null;
  let node: RunningNode | null = null;
  const end = (why: string) => void node?.stop(why);
  const hear = (news: NodeNews) => {
    picture = evolve(picture, news);
    view.show(news, picture);
    if (news.what === 'run_ended') summary = news.summary;
    if (news.what === 'failed') failed = new EsperError(news.code, news.text, {}, { hint: news.hint });
    if ((news.what === 'run_ended' || news.what === 'failed') && !wishes.stay) end('its run is over');
  };
  const release = world.onInterrupt((now) => {
    if (signal !== null) {
      world.exitNow(exitOfSignal(now));
      return;
    }
    signal = now;
    view.finish();
    cli.note('stopping: the run writes a checkpoint, the units are let go (press again to stop at once)');
    end('it was interrupted');
  });
  if (wishes.keys === null)
    view.note(
      'without keys: no commands are taken, and whoever reaches the broker is believed (esper keys init)',
    );
  try {
    node = await world.node(optionsOf(cli, wishes, hear));
    if (signal !== null) end('it was interrupted'); // it came while the node was joining
    const failure = await node.ended;
    if (failure !== null) throw failure;
  } finally {
    release();
    view.finish();
  }
  conclude(cli, { summary, failed, signal, accuracies: view.accuracies });
}

function optionsOf(
  cli: Cli,
  { node, placement, run, nats, keys }: NodeWishes,
  tell: (news: NodeNews) => void,
) {
  const { env } = cli.world;
  const { dataDirs } = cli.data;
  return {
    name: node,
    placement,
    nats: nats ?? (env.NATS_URL || placement.nats),
    home: cli.home,
    keys,
    version: cli.world.version,
    run: run === null ? null : { config: run, origin: 'up', dataDirs },
    tell,
  };
}

interface Outcome {
  readonly summary: RunSummary | null;
  readonly failed: EsperError | null;
  readonly signal: Signal | null;
  readonly accuracies: readonly number[];
}

/** The summary of the run, when there was one, and the exit code. @throws the failure of the run */
export function conclude(cli: Cli, { summary, failed, signal, accuracies }: Outcome): void {
  if (summary === null && failed !== null) throw failed;
  if (summary === null) {
    cli.exitCode = signal === null ? 0 : exitOfSignal(signal);
    return;
  }
  if (cli.options.json) cli.world.out.write(`${JSON.stringify(documentOf('RunSummary', { ...summary }))}\n`);
  else
    cli.world.out.write(
      summaryText(summary, accuracies, cli.style, cli.options.verbose, (command) => cli.typed(command)),
    );
  cli.exitCode = exitOf(summary, signal);
}
