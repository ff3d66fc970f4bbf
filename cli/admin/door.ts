/** The way to a cluster from a command line: whose key signs, which server carries it, and how long to wait. */
import { KEY_PATHS } from '../../config/keys/paths.ts';
import { readSigningKey, secretText } from '../../config/keys/read-keys.ts';
import { ADMIN_VERBS, type AdminVerb, EsperError } from '../../contracts/index.ts';
import { type SigningKey, tokenSigner } from '../../runtime/adapters/jose/tokens.ts';
import type { Signer } from '../../runtime/ports/tokens.ts';
import type { Cli } from '../cli.ts';
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

/** Folder of keys: what `esper keys init` made. */
export const keysFolder = (cli: Cli, { keys }: Pick<DoorOptions, 'keys'>): string =>
  keys ?? (cli.world.env.ESPER_KEYS || `${cli.home}/keys`);

export interface SigningRole {
  readonly signer: Signer;
  /** Whose certificate and user go with the key. */
  readonly role: string;
}

/**
 * The key that was named, or that of the first role which may give the command and has a key here.
 * @throws KEYS_NOT_FOUND, KEYS_EXPOSED, KEYS_INVALID
 */
export async function signingRole(cli: Cli, options: DoorOptions, verb: AdminVerb): Promise<SigningRole> {
  const { key = cli.world.env.ESPER_ADMIN_KEY, as } = options;
  const roles: readonly string[] = as === undefined ? ADMIN_VERBS[verb].roles : [as];
  if (key) return { signer: tokenSigner(await readSigningKey(key)), role: as ?? roles[0] ?? 'viewer' };
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

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof EsperError && thrown.code === 'KEYS_NOT_FOUND') return null;
    throw thrown;
  }
}

/** The server with the credentials that lie beside the key. @throws NATS_..., KEYS_EXPOSED */
export async function openDoor(cli: Cli, options: DoorOptions, role: string): Promise<Broker> {
  const { world } = cli;
  const servers = options.nats ?? (world.env.NATS_URL || 'nats://127.0.0.1:4222');
  const folder = keysFolder(cli, options);
  const at = (path: string) => `${folder}/${path}`;
  const seed = await orNull(secretText(at(KEY_PATHS.seed(role))));
  const broker: BrokerOptions = {
    servers,
    name: role,
    cluster: options.cluster,
    ...(seed === null ? {} : { auth: { seed } }),
    ...(servers.startsWith('tls:')
      ? { tls: { ca: at(KEY_PATHS.ca), cert: at(KEY_PATHS.cert(role)), key: at(KEY_PATHS.certKey(role)) } }
      : {}),
  };
  return world.broker(broker);
}
