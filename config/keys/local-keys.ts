/** Keys of a cluster on one machine: made when it is first started, and what its server has to know of them. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { ADMIN_ROLES } from '../../contracts/index.ts';
import { publicKeyOf } from '../../runtime/adapters/nats/user-key.ts';
import { otherCluster, otherNodes } from './node-keys.ts';
import { KEY_PATHS, roleOfUser } from './paths.ts';
import { readAdminKeys, secretText } from './read-keys.ts';
import { readRetired } from './retired.ts';
import { type ServerUser, securityLines } from './server-lines.ts';

export interface LocalPlan {
  /** Absolute. */
  readonly folder: string;
  readonly cluster: string;
  readonly nodes: readonly string[];
  /** UTC milliseconds. */
  readonly nowMs: number;
}

/**
 * True when they were made now, in folders for their owner alone; those that are there must be for this cluster.
 * @throws KEYS_OTHER_CLUSTER, KEYS_OTHER_NODES, KEYS_INVALID, KEYS_UNWRITABLE
 */
export async function ensureKeys(plan: LocalPlan): Promise<boolean> {
  const { folder, cluster, nodes, nowMs } = plan;
  const at = (path: string) => `${folder}/${path}`;
  if (!existsSync(at(KEY_PATHS.adminKeys))) {
    // Certificates take long to load, and most starts make none.
    const [{ keyFiles }, { writeKeys }] = await Promise.all([
      import('./key-files.ts'),
      import('./write-keys.ts'),
    ]);
    const files = await keyFiles({ folder, cluster, nodes, hosts: [], roles: ADMIN_ROLES, nowMs });
    await writeKeys(folder, files, false);
    return true;
  }
  const known = await readAdminKeys(at(KEY_PATHS.adminKeys));
  if (known.cluster !== cluster) throw otherCluster(folder, known.cluster, cluster);
  const missing = nodes.filter((node) => !existsSync(at(KEY_PATHS.seed(node))));
  if (missing.length > 0) throw otherNodes(folder, missing, known);
  return false;
}

/**
 * TLS and users for a server on this machine, whatever is allowed to them today; those with keys that were replaced too.
 * @throws KEYS_EXPOSED, KEYS_NOT_FOUND, KEYS_INVALID
 */
export async function serverLinesOf(
  folder: string,
  cluster: string,
  nowMs: number,
): Promise<readonly string[]> {
  const at = (path: string) => `${folder}/${path}`;
  const ending = '.seed';
  const files = (await readdir(at('nats'))).filter((file) => file.endsWith(ending)).sort();
  const users = await Promise.all(
    files.map(async (file): Promise<ServerUser> => {
      const name = file.slice(0, -ending.length);
      const seed = await secretText(at(KEY_PATHS.seed(name)));
      return { name, kind: roleOfUser(name, ADMIN_ROLES) ?? 'node', publicKey: publicKeyOf(seed) };
    }),
  );
  const retired = (await readRetired(folder)).filter(({ untilMs }) => untilMs > nowMs);
  const before = retired.map(({ name, publicKey }): ServerUser => {
    return { name, kind: roleOfUser(name, ADMIN_ROLES) ?? 'node', publicKey };
  });
  return securityLines(cluster, [...users, ...before], {
    ca: at(KEY_PATHS.ca),
    cert: at(KEY_PATHS.cert('server')),
    key: at(KEY_PATHS.certKey('server')),
  });
}
