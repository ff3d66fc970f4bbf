/** `esper up`: this machine as a node of a cluster, or a whole cluster on this machine. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { KEY_PATHS } from '../../config/keys/paths.ts';
import { loadPlacement, placementNotFound } from '../../config/placement/load.ts';
import type { PlacementFile } from '../../config/placement/plan.ts';
import { EsperError } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { readConfig } from '../read-config.ts';
import { checkText } from '../render/placement.ts';
import { upHere } from './up-here.ts';
import { upLocally } from './up-locally.ts';

/** As commander gives them. */
export interface UpOptions {
  readonly node?: string;
  readonly config?: string;
  readonly run?: string;
  readonly nats?: string;
  readonly keys?: string;
  readonly localCluster?: string;
  readonly check: boolean;
  readonly stay: boolean;
}

const DEFAULT_FILE = 'config/placement.yaml';

export function up(program: Command, cli: Cli): void {
  program
    .command('up')
    .description('be a node of a cluster, or start a whole one on this machine')
    .option('--node <name>', 'which node of the placement file this is')
    .option('--config <file>', `placement file (${DEFAULT_FILE} unless said)`)
    .option('--run <config>', 'the run that this node would train, should it be given the triad')
    .option('--nats <url>', 'address of the broker (NATS_URL; else what the file says)')
    .option('--keys <dir>', 'folder of keys (ESPER_KEYS; keys in the home, when there are any)')
    .option('--local-cluster <n>', 'start a broker and n nodes on this machine')
    .option('--check', 'only say what is wrong with the files; exit 3 if anything is', false)
    .option('--stay', 'go on when the run has ended', false)
    .action((options: UpOptions) => act(cli, options));
}

async function act(cli: Cli, options: UpOptions): Promise<void> {
  const count = options.localCluster === undefined ? null : countOf(options.localCluster);
  const file = options.config ?? DEFAULT_FILE;
  const placement = await readPlacement(cli, file);
  const run = options.run === undefined ? null : await readConfig(cli, options.run);
  if (options.check) {
    const report = { apiVersion: 'esper/v1', kind: 'PlacementReport', file, valid: true, placement };
    cli.print(report, () => checkText(file, placement, cli.style));
    return;
  }
  const keys = resolve(options.keys ?? (cli.world.env.ESPER_KEYS || `${cli.home}/keys`));
  if (count !== null) await upLocally(cli, { ...options, file, placement, count, keys });
  else if (options.node !== undefined)
    await upHere(cli, {
      ...options,
      node: options.node,
      placement,
      run: run?.config ?? null,
      keys: await keysHere(cli, options, keys),
    });
  else throw usage('say which node this is with --node, or start all with --local-cluster');
}

/** A node that was told of keys, or has some in its home, uses them; another one runs without, and takes no commands. */
async function keysHere(cli: Cli, { keys }: UpOptions, folder: string): Promise<string | null> {
  if (keys !== undefined || cli.world.env.ESPER_KEYS) return folder;
  return (await cli.world.disk.exists(`${folder}/${KEY_PATHS.adminKeys}`)) ? folder : null;
}

/** @throws PLACEMENT_NOT_FOUND, PLACEMENT_INVALID */
export async function readPlacement(cli: Cli, file: string): Promise<PlacementFile> {
  const { disk } = cli.world;
  if (!(await disk.exists(file))) throw placementNotFound(file);
  return loadPlacement({ file, text: new TextDecoder().decode(await disk.read(file)) });
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw usage(`--local-cluster wants a number of nodes, got ${text}`);
}

const usage = (text: string) =>
  new EsperError('CLI_USAGE', text, {}, { hint: 'esper up --local-cluster 3 --run config/optdigits.yaml' });
