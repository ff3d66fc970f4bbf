/** `esper keys`: everything a cluster needs to trust itself, made once and shown without its secrets. */
import type { Command } from 'commander';
import { KEY_PATHS, roleUser } from '../../config/keys/paths.ts';
import { readAdminKeys } from '../../config/keys/read-keys.ts';
import { ADMIN_ROLES, type AdminRole, EsperError } from '../../contracts/index.ts';
import { allKeysIn } from '../admin/door.ts';
import type { Cli } from '../cli.ts';
import { pairs, table } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';
import { keysBundle } from './keys-bundle.ts';
import { keysRotate } from './keys-rotate.ts';

interface InitOptions {
  readonly dir?: string;
  readonly cluster: string;
  readonly nodes: string;
  readonly hosts: string;
  readonly force: boolean;
}

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

export function keys(program: Command, cli: Cli): void {
  const group = program.command('keys').description('keys and certificates of a cluster');
  group
    .command('init')
    .description('make them all: commands, nodes, certificates, and a server configuration')
    .option('--dir <dir>', 'where to (ESPER_KEYS; keys in the home unless said)')
    .option('--cluster <name>', 'name of the cluster', 'esper')
    .option('--nodes <names>', 'nodes, joined by commas', 'n1,n2,n3')
    .option('--hosts <names>', 'names and addresses of the server besides localhost, joined by commas', '')
    .option('--force', 'replace what is there', false)
    .action((options: InitOptions) => init(cli, options));
  group
    .command('show')
    .description('whose keys are believed, without a secret')
    .option('--dir <dir>', 'folder of keys')
    .action(async ({ dir }: { dir?: string }) => {
      const folder = allKeysIn(cli, dir);
      const { cluster, keys, auditKeys } = await readAdminKeys(`${folder}/${KEY_PATHS.adminKeys}`);
      const list = [
        ...keys.map(({ kid, who, roles }) => ({ kid, who, roles: roles as string[] })),
        ...auditKeys.map(({ kid, who }) => ({ kid, who, roles: ['signs its audit'] })),
      ];
      cli.print(documentOf('KeyList', { folder, cluster, keys: list }), () =>
        table(
          [
            { title: 'kid', of: ({ kid }) => kid },
            { title: 'who', of: ({ who }) => who },
            { title: 'roles', of: ({ roles }) => roles.join(' ') },
          ],
          list,
          cli.style,
        ),
      );
    });
  keysRotate(group, cli);
  keysBundle(group, cli);
}

async function init(cli: Cli, { dir, cluster, nodes, hosts, force }: InitOptions): Promise<void> {
  const folder = allKeysIn(cli, dir);
  // certificates take long to load, and only this command needs them
  const [{ keyFiles }, { writeKeys }] = await Promise.all([
    import('../../config/keys/key-files.ts'),
    import('../../config/keys/write-keys.ts'),
  ]);
  const roles: readonly AdminRole[] = ADMIN_ROLES;
  const names = listed(nodes);
  checkNames(cluster, names);
  const plan = {
    folder,
    cluster,
    nodes: names,
    hosts: listed(hosts),
    roles,
    nowMs: cli.world.clock.wallMs(),
  };
  const files = await keyFiles(plan);
  await writeKeys(folder, files, force);
  const config = `${folder}/${KEY_PATHS.serverConfig}`;
  const made = files.map(({ path, secret }) => ({ path, secret }));
  cli.print(documentOf('KeysMade', { folder, cluster, nodes: names, roles: [...roles], files: made }), () =>
    pairs(
      [
        ['keys', folder],
        ['nodes', names.join(' ')],
        ['roles', roles.join(' ')],
        ['server', `nats-server -c ${config}`],
        ['then', cli.typed('admin status --nats tls://127.0.0.1:4222')],
        ['keep apart', `${folder}/${KEY_PATHS.caKey}: who has it can let anybody in`],
      ],
      cli.style,
    ),
  );
}

function checkNames(cluster: string, nodes: readonly string[]): void {
  const users = ADMIN_ROLES.map(roleUser);
  const bad =
    /^[a-z0-9-]{1,32}$/.test(cluster) && nodes.length > 0
      ? nodes.find(
          (name, at) =>
            !/^[a-z][a-z0-9_-]{0,63}$/.test(name) || users.includes(name) || nodes.indexOf(name) !== at,
        )
      : cluster;
  if (bad === undefined) return;
  const hint =
    'a cluster: a-z, 0-9 and -; nodes: the same and _, each once, and none called like the user of a role';
  throw new EsperError('CLI_USAGE', `this is no name for it: ${bad}`, { bad }, { hint });
}
