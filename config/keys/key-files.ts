/** Everything a cluster needs to trust itself, made at once: as files with the folder, the text and who may read them. */
import { randomBytes } from 'node:crypto';
import type { AdminKeySet, AdminRole } from '../../contracts/index.ts';
import { newSigningKey } from '../../runtime/adapters/jose/tokens.ts';
import { newNatsUserKey } from '../../runtime/adapters/nats/user-key.ts';
import { type Authority, newAuthority } from './certificates.ts';
import { KEY_PATHS, roleUser } from './paths.ts';
import { type ServerUser, securityLines, serverConfig } from './server-lines.ts';

export interface KeyPlan {
  /** Absolute: the configuration of the server names files by it. */
  readonly folder: string;
  readonly cluster: string;
  readonly nodes: readonly string[];
  /** Names and addresses the NATS server is reached by, besides localhost. */
  readonly hosts: readonly string[];
  /** Roles that get a key for commands, and a user to send them as. */
  readonly roles: readonly AdminRole[];
  /** UTC milliseconds. */
  readonly nowMs: number;
}

export interface KeyFile {
  /** Below the folder of the plan. */
  readonly path: string;
  readonly text: string;
  /** Anybody who has this file can act as its owner. */
  readonly secret: boolean;
}

const YEAR_DAYS = 365;
const AUTHORITY_YEARS = 10;
const SECRET_BYTES = 32;

const secretFile = (path: string, text: string): KeyFile => ({ path, text, secret: true });
const publicFile = (path: string, text: string): KeyFile => ({ path, text, secret: false });
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Draws all keys. Nothing is written; the texts are secrets until they are. */
export async function keyFiles(plan: KeyPlan): Promise<readonly KeyFile[]> {
  const authority = await newAuthority(plan.cluster, AUTHORITY_YEARS * YEAR_DAYS, plan.nowMs);
  const users = [
    ...plan.nodes.map((name) => ({ name, kind: 'node' as const, ...newNatsUserKey() })),
    ...plan.roles.map((role) => ({ name: roleUser(role), kind: role, ...newNatsUserKey() })),
  ];
  return [
    secretFile(KEY_PATHS.secret, `${randomBytes(SECRET_BYTES).toString('hex')}\n`),
    ...(await commandKeys(plan)),
    ...users.map(({ name, seed }) => secretFile(KEY_PATHS.seed(name), `${seed}\n`)),
    ...(await certificateFiles(plan, authority)),
    secretFile(KEY_PATHS.serverConfig, configOf(plan, users)),
  ];
}

async function commandKeys({ cluster, roles, nodes }: KeyPlan): Promise<readonly KeyFile[]> {
  const admin = await Promise.all(roles.map(async (role) => ({ role, key: await newSigningKey(role) })));
  const audit = await Promise.all(
    nodes.map(async (node) => ({ node, key: await newSigningKey(`audit-${node.replaceAll('_', '-')}`) })),
  );
  const set: AdminKeySet = {
    v: 1,
    cluster,
    keys: admin.map(({ role, key: { kid, x } }) => ({ kid, who: role, roles: [role], x })),
    auditKeys: audit.map(({ node, key: { kid, x } }) => ({ kid, who: node, x })),
  };
  return [
    ...admin.map(({ role, key }) => secretFile(KEY_PATHS.adminKey(role), json(key))),
    ...audit.map(({ node, key }) => secretFile(KEY_PATHS.auditKey(node), json(key))),
    publicFile(KEY_PATHS.adminKeys, json(set)),
  ];
}

async function certificateFiles(
  { nodes, roles, hosts }: KeyPlan,
  authority: Authority,
): Promise<readonly KeyFile[]> {
  const names = [
    'localhost',
    '127.0.0.1',
    ...hosts.filter((host) => !['localhost', '127.0.0.1'].includes(host)),
  ];
  const server = await authority.issue('nats-server', names, YEAR_DAYS);
  const clients = await Promise.all(
    [...nodes, ...roles.map(roleUser)].map(async (name) => ({
      name,
      pem: await authority.issue(name, [], YEAR_DAYS),
    })),
  );
  return [
    publicFile(KEY_PATHS.ca, authority.cert),
    secretFile(KEY_PATHS.caKey, authority.key),
    ...[{ name: 'server', pem: server }, ...clients].flatMap(({ name, pem }) => [
      publicFile(KEY_PATHS.cert(name), pem.cert),
      secretFile(KEY_PATHS.certKey(name), pem.key),
    ]),
  ];
}

function configOf({ cluster, folder }: KeyPlan, users: readonly ServerUser[]): string {
  const at = (path: string) => `${folder}/${path}`;
  const tls = {
    ca: at(KEY_PATHS.ca),
    cert: at(KEY_PATHS.cert('server')),
    key: at(KEY_PATHS.certKey('server')),
  };
  return serverConfig(at('jetstream'), securityLines(cluster, users, tls));
}
