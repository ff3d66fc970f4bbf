/** `esper keys rotate`: new keys for one node or role, while the old ones are good for a while longer. */
import type { Command } from 'commander';
import { KEY_PATHS, roleUser } from '../../config/keys/paths.ts';
import type { Owner, Rotated } from '../../config/keys/rotate.ts';
import { EsperError } from '../../contracts/index.ts';
import { allKeysIn, roleNamed } from '../admin/door.ts';
import type { Cli } from '../cli.ts';
import { moment } from '../render/numbers.ts';
import { pairs } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

interface RotateOptions {
  readonly node?: string;
  readonly role?: string;
  readonly expired: boolean;
  readonly overlap: string;
  readonly dir?: string;
}

export function keysRotate(group: Command, cli: Cli): void {
  group
    .command('rotate')
    .description(
      'new keys for one node or role; the old ones are good for the overlap, and the server is told',
    )
    .option('--node <name>', 'whose keys: this node')
    .option('--role <role>', 'whose keys: this role')
    .option('--expired', 'make none; only take out those whose time is over', false)
    .option('--overlap <time>', 'how long the old keys are good: 30m, 12h, 7d; 0s: not at all', '7d')
    .option('--dir <dir>', 'folder of all keys (ESPER_KEYS; keys in the home unless said)')
    .action((options: RotateOptions) => act(cli, options));
}

async function act(cli: Cli, options: RotateOptions): Promise<void> {
  const owner = ownerIn(options);
  const overlapMs = millisecondsIn(options.overlap);
  const folder = allKeysIn(cli, options.dir);
  // certificates take long to load, and only this command needs them
  const { rotate } = await import('../../config/keys/rotate.ts');
  const rotated = await rotate({ folder, owner, overlapMs, nowMs: cli.world.clock.wallMs() });
  const user = owner === null ? null : 'node' in owner ? owner.node : roleUser(owner.role);
  const { made, untilMs, expired, files } = rotated;
  const document = { folder, user, made, untilMs, expired: [...expired], files: [...files] };
  cli.print(documentOf('KeysRotated', document), () =>
    pairs([['keys', folder], ...linesOf(cli, folder, owner, rotated)], cli.style),
  );
}

type Line = readonly [string, string];

function linesOf(cli: Cli, folder: string, owner: Owner | null, rotated: Rotated): readonly Line[] {
  const { made, untilMs, expired } = rotated;
  const out: Line[] = expired.length === 0 ? [] : [['taken out', `old keys of ${expired.join(' ')}`]];
  const reload: Line = ['server', 'nats-server --signal reload, so that it knows'];
  if (owner === null)
    return expired.length === 0 ? [['taken out', 'nothing: no time is over']] : [...out, reload];
  const name = 'node' in owner ? owner.node : owner.role;
  const until = untilMs === null ? 'are worth nothing from now on' : `are good until ${moment(untilMs)}`;
  if (!made)
    return [
      ['made', `nothing: ${name} has new keys already`],
      ['old ones', until],
    ];
  return [
    ['made', `new keys of ${name}`],
    ['old ones', until],
    ...out,
    reload,
    ...('node' in owner ? nodeSteps(cli, owner.node) : roleSteps(folder, owner.role, untilMs)),
    ['afterwards', cli.typed('keys rotate --expired')],
  ];
}

const nodeSteps = (cli: Cli, node: string): readonly Line[] => [
  ['carry', cli.typed(`keys bundle --node ${node} --out ${node}.tar`)],
  ['restart', `${node}, with what is in it`],
];

const roleSteps = (folder: string, role: string, untilMs: number | null): readonly Line[] => [
  ['carry', `${KEY_PATHS.adminKeys} to every node, and restart it: then it believes the new key`],
  ...(untilMs === null ? [] : ([['until then', `--key ${folder}/${KEY_PATHS.retiredKey(role)}`]] as const)),
];

function ownerIn({ node, role, expired }: RotateOptions): Owner | null {
  const said = [node, role, expired || undefined].filter((one) => one !== undefined);
  if (said.length !== 1)
    throw new EsperError(
      'CLI_USAGE',
      'say whose keys, once',
      {},
      { hint: '--node <name>, --role <role> or --expired' },
    );
  if (node !== undefined) return { node };
  return role === undefined ? null : { role: roleNamed(role) };
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** More than certificates live. */
const LONGEST_MS = 365 * 86_400_000;

function millisecondsIn(written: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(written) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (count !== '' && ms <= LONGEST_MS) return ms;
  throw new EsperError('CLI_USAGE', `no time: ${written}`, {}, { hint: '30m, 12h or 7d; 365d at most' });
}
