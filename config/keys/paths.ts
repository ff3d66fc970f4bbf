/** Where each key of a cluster lies below its folder, and as whom whoever commands it comes in. */
import type { AdminRole } from '../../contracts/index.ts';

const ROLE = 'role-';

/** The user of the NATS server that commands of a role are sent as: no node is called like one. */
export const roleUser = (role: AdminRole): string => `${ROLE}${role}`;

/** The role a user was made for; null for a node. */
export const roleOfUser = (user: string, roles: readonly AdminRole[]): AdminRole | null =>
  roles.find((role) => roleUser(role) === user) ?? null;

export const KEY_PATHS = {
  secret: 'cluster.secret',
  adminKeys: 'admin-keys.json',
  serverConfig: 'nats-server.conf',
  ca: 'tls/ca.pem',
  caKey: 'tls/ca.key.pem',
  /** Whom the server still lets in with keys that were replaced, and until when. */
  retired: 'retired.json',
  /** The key a role signed with before, for as long as not every node knows the new one. */
  retiredKey: (role: string) => `retired/${role}.key.json`,
  adminKey: (role: string) => `admin/${role}.key.json`,
  auditKey: (node: string) => `audit/${node}.key.json`,
  seed: (user: string) => `nats/${user}.seed`,
  cert: (user: string) => `tls/${user}.pem`,
  certKey: (user: string) => `tls/${user}.key.pem`,
} as const;
