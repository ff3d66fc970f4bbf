/** What one node needs of the keys of its cluster: its way to the broker, the seal, and whose commands it believes. */
import { existsSync } from 'node:fs';
import { type AdminKeySet, EsperError } from '../../contracts/index.ts';
import type { SigningKey } from '../../runtime/adapters/jose/tokens.ts';
import { KEY_PATHS } from './paths.ts';
import { readAdminKeys, readSigningKey, secretText } from './read-keys.ts';

export interface NodeKeys {
  readonly folder: string;
  /** Proves to the broker who this is. */
  readonly auth: { readonly seed: string };
  /** Paths of PEM files, for a broker that speaks TLS. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** What all nodes seal their words with. */
  readonly secret: Uint8Array;
  readonly admin: AdminKeySet;
  /** Signs the end of this node's audit. */
  readonly audit: SigningKey;
}

/** @throws KEYS_NOT_FOUND, KEYS_EXPOSED, KEYS_INVALID, KEYS_OTHER_CLUSTER, KEYS_OTHER_NODES */
export async function readNodeKeys(folder: string, node: string, cluster: string): Promise<NodeKeys> {
  const at = (path: string) => `${folder}/${path}`;
  const admin = await readAdminKeys(at(KEY_PATHS.adminKeys));
  if (admin.cluster !== cluster) throw otherCluster(folder, admin.cluster, cluster);
  if (!existsSync(at(KEY_PATHS.seed(node)))) throw otherNodes(folder, [node], admin);
  return {
    folder,
    auth: { seed: await secretText(at(KEY_PATHS.seed(node))) },
    tls: {
      ca: at(KEY_PATHS.ca),
      cert: at(KEY_PATHS.cert(node)),
      key: at(KEY_PATHS.certKey(node)),
    },
    secret: Buffer.from(await secretText(at(KEY_PATHS.secret)), 'hex'),
    admin,
    audit: await readSigningKey(at(KEY_PATHS.auditKey(node))),
  };
}

export const otherCluster = (folder: string, theirs: string, ours: string) =>
  new EsperError(
    'KEYS_OTHER_CLUSTER',
    `the keys in ${folder} are for the cluster ${theirs}, not for ${ours}`,
    { folder, cluster: theirs, wanted: ours },
    { hint: `make some: esper keys init --cluster ${ours} --dir <another folder>, and name it with --keys` },
  );

/** @param missing nodes that have none */
export const otherNodes = (folder: string, missing: readonly string[], { auditKeys }: AdminKeySet) =>
  new EsperError(
    'KEYS_OTHER_NODES',
    `there are no keys for ${missing.join(', ')} in ${folder}`,
    { folder, missing, known: auditKeys.map(({ who }) => who) },
    {
      hint: `make them for all nodes of the placement file: esper keys init --nodes <names> --dir <another folder>, and name it with --keys`,
    },
  );
