/** The users that a server configuration names, read back from it, so that they can be changed and nothing else is. */
import { ADMIN_ROLES, EsperError } from '../../contracts/index.ts';
import { roleOfUser } from './paths.ts';
import { type ServerUser, userBlock } from './server-lines.ts';

/** From `authorization {` to the brace that ends it, as it is written for every cluster. */
const BLOCK = /^authorization \{\n {2}users: \[\n[\s\S]*?\n {2}\]\n\}$/m;
const USER = /^ {4}# (\S+) \((\S+)\)\n {4}\{\n {6}nkey: (U[A-Z2-7]+)$/gm;

/** @throws KEYS_CONFIG_UNKNOWN when the users are not written as they were made */
export function usersIn(path: string, config: string): readonly ServerUser[] {
  const block = BLOCK.exec(config)?.[0] ?? '';
  const users = [...block.matchAll(USER)].map(([, name = '', , publicKey = '']): ServerUser => {
    return { name, kind: roleOfUser(name, ADMIN_ROLES) ?? 'node', publicKey };
  });
  if (users.length > 0 && users.length === block.split('nkey:').length - 1) return users;
  throw new EsperError(
    'KEYS_CONFIG_UNKNOWN',
    `the users in ${path} are not written as they were made`,
    { path },
    {
      hint: 'put the authorization block back as esper keys init wrote it; all around it may be changed by hand',
    },
  );
}

/** The same configuration for other users: whatever else was changed in it by hand stays. */
export const withUsers = (config: string, cluster: string, users: readonly ServerUser[]): string =>
  config.replace(BLOCK, () => userBlock(cluster, users).join('\n'));
