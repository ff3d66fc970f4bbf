/** The way to a cluster from a command line: whose key signs, which server carries it, and how long to wait. */
import { resolve } from 'node:path';
import { KEY_PATHS, roleUser } from '../../config/keys/paths.ts';
import { readSigningKey, secretText } from '../../config/keys/read-keys.ts';
import {
  ADMIN_ROLES,
  ADMIN_VERBS,
  type AdminRole,
  type AdminVerb,
  EsperError,
} from '../../contracts/index.ts';
import { type SigningKey, tokenSigner } from '../../runtime/adapters/jose/tokens.ts';
import type { Signer } from '../../runtime/ports/tokens.ts';
import type { Cli } from '../cli.ts';
import { localClusterIn } from '../cluster/whereabouts.ts';
import type { Broker, BrokerOptions } from '../world.ts';

/** Options of `esper admin`, before or after its words. */
export interface DoorOptions {
  readonly nats?: string;
  readonly keys?: string;
  readonly key?: string;
  readonly as?: string;
  readonly cluster: string;
  readonly timeout: string;
}

/** What was typed; what was not comes from the environment, from the cluster that runs in this home, or is what is usual. */
export async function atHome<O extends Omit<DoorOptions, 'cluster'> & { readonly cluster?: string }>(
  cli: Cli,
  options: O,
): Promise<O & DoorOptions> {
  const { env } = cli.world;
  const running = await localClusterIn(cli.world.disk, cli.home);
  const nats = options.nats ?? (env.NATS_URL || running?.nats);
  const keys = options.keys ?? (env.ESPER_KEYS || running?.keys);
  return {
    ...options,
    ...(nats === undefined ? {} : { nats }),
    ...(keys === undefined ? {} : { keys }),
    cluster: options.cluster ?? running?.cluster ?? 'esper',
  };
}

/** Folder of keys: what `esper keys init` made. */
export const keysFolder = (cli: Cli, { keys }: Pick<DoorOptions, 'keys'>): string =>
  keys ?? (cli.world.env.ESPER_KEYS || `${cli.home}/keys`);

/** The same, absolute, for those who make keys or carry them. */
export const allKeysIn = (cli: Cli, dir: string | undefined): string =>
  resolve(keysFolder(cli, dir === undefined ? {} : { keys: dir }));

export interface SigningRole {
  readonly signer: Signer;
  /** Its certificate and user go with the key. */
  readonly role: AdminRole;
}

/**
 * The key that was named, or that of the first role which may give the command and has a key here.
 * @throws KEYS_NOT_FOUND, KEYS_EXPOSED, KEYS_INVALID
 */
export async function signingRole(cli: Cli, options: DoorOptions, verb: AdminVerb): Promise<SigningRole> {
  const { key = cli.world.env.ESPER_ADMIN_KEY, as } = options;
  const roles: readonly AdminRole[] = as === undefined ? ADMIN_VERBS[verb].roles : [roleNamed(as)];
  if (key) return { signer: tokenSigner(await readSigningKey(key)), role: roles[0] ?? 'viewer' };
  const folder = keysFolder(cli, options);
  for (const role of roles) {
    const found = await keyOf(`${folder}/${KEY_PATHS.adminKey(role)}`);
    if (found !== null) return { signer: tokenSigner(found), role };
  }
  throw new EsperError(
    'KEYS_NOT_FOUND',
    `no key in ${folder} may be used for ${verb}`,
    { folder, verb, roles: [...roles] },
    { hint: 'esper keys init makes keys; --keys says where they are, --as which role to use' },
  );
}

const keyOf = (path: string): Promise<SigningKey | null> => orNull(readSigningKey(path));

export function roleNamed(word: string): AdminRole {
  const role = ADMIN_ROLES.find((one) => one === word);
  if (role !== undefined) return role;
  const hint = `roles are ${ADMIN_ROLES.join(', ')}`;
  throw new EsperError('CLI_USAGE', `there is no role ${word}`, { role: word }, { hint });
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof EsperError && thrown.code === 'KEYS_NOT_FOUND') return null;
    throw thrown;
  }
}

/** The server with the credentials that lie beside the key. @throws NATS_..., KEYS_EXPOSED */
export async function openDoor(cli: Cli, options: DoorOptions, role: AdminRole): Promise<Broker> {
  const servers = options.nats ?? 'nats://127.0.0.1:4222';
  const folder = keysFolder(cli, options);
  const at = (path: string) => `${folder}/${path}`;
  // The server knows its clients by these names, and keeps their answers apart by them.
  const name = roleUser(role);
  const seed = await orNull(secretText(at(KEY_PATHS.seed(name))));
  const broker: BrokerOptions = {
    servers,
    name,
    cluster: options.cluster,
    ...(seed === null ? {} : { auth: { seed } }),
    ...(servers.startsWith('tls:')
      ? { tls: { ca: at(KEY_PATHS.ca), cert: at(KEY_PATHS.cert(name)), key: at(KEY_PATHS.certKey(name)) } }
      : {}),
  };
  return cli.world.broker(broker);
}
