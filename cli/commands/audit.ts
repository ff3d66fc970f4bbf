/** `esper audit verify`: is what a node wrote down of commands still what it wrote. */
import { type Command, Option } from 'commander';
import { HEAD_FILE } from '../../actors/admin/audit-chain.ts';
import { verifyAudit } from '../../actors/admin/audit-verify.ts';
import { KEY_PATHS } from '../../config/keys/paths.ts';
import { readAdminKeys } from '../../config/keys/read-keys.ts';
import { EsperError } from '../../contracts/index.ts';
import { tokenVerifier } from '../../runtime/adapters/jose/tokens.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { pairs } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

interface VerifyOptions {
  readonly keys?: string;
  readonly head?: string;
  readonly signatures: boolean;
}

export function audit(program: Command, cli: Cli): void {
  program
    .command('audit')
    .description('what was commanded, as it was written down')
    .command('verify')
    .argument('<folder>', 'the audit folder of one node')
    .option('--keys <dir>', 'folder of keys (ESPER_KEYS; keys in the home unless said)')
    .option(
      '--head <jws>',
      'a signed head that was kept elsewhere: shows what was cut off together with the head',
    )
    .addOption(new Option('--no-signatures', 'check the chain alone; what was cut off is not found'))
    .description('check every line and the signed head; exit 9 names the first bad one')
    .action((folder: string, options: VerifyOptions) => verify(cli, folder, options));
}

async function verify(cli: Cli, folder: string, { keys, head, signatures }: VerifyOptions): Promise<void> {
  const { world, style } = cli;
  const at = keys ?? (world.env.ESPER_KEYS || `${cli.home}/keys`);
  const tokens = signatures
    ? tokenVerifier((await readAdminKeys(`${at}/${KEY_PATHS.adminKeys}`)).auditKeys)
    : null;
  const { ok, end, signedTo, damage } = await verifyAudit({
    ...{ disk: world.disk, folder, hasher: nodeHasher(), tokens, keep: 1 },
    ...(head === undefined ? {} : { head }),
  });
  const nothing = end.seq === 0 && ok && !(await world.disk.exists(`${folder}/${HEAD_FILE}`));
  if (nothing) throw new EsperError('AUDIT_NOT_FOUND', `there is no audit in ${folder}`, { folder });
  if (!ok) cli.exitCode = EXIT.integrity;
  cli.print(documentOf('AuditReport', { folder, ok, entries: end.seq, signedTo, damage }), () =>
    pairs(
      [
        ['audit', folder],
        ['entries', String(end.seq)],
        ['signed', signedTo === null ? 'not checked' : `up to entry ${signedTo}`],
        ['verdict', ok ? style.green('whole') : style.red('tampered with')],
        ...(damage === null
          ? []
          : [
              [
                'first bad',
                `entry ${damage.seq}, ${damage.file} line ${damage.line}: ${damage.why}`,
              ] as const,
            ]),
      ],
      style,
    ),
  );
}
