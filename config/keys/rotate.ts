/** New keys for one node or one role: the old ones are good for a while longer, and then nobody's. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AdminKeySet, type AdminRole, EsperError } from '../../contracts/index.ts';
import { newSigningKey } from '../../runtime/adapters/jose/tokens.ts';
import { newNatsUserKey } from '../../runtime/adapters/nats/user-key.ts';
import { type Authority, authorityFrom } from './certificates.ts';
import type { KeyFile } from './key-files.ts';
import { otherNodes } from './node-keys.ts';
import { KEY_PATHS, roleUser } from './paths.ts';
import { readAdminKeys, secretText } from './read-keys.ts';
import { type RetiredUser, readRetired, retiredText } from './retired.ts';
import type { ServerUser } from './server-lines.ts';
import { usersIn, withUsers } from './server-users.ts';
import { finishReplacing, replaceTogether } from './together.ts';

/** Whose keys. */
export type Owner = { readonly node: string } | { readonly role: AdminRole };

export interface Rotation {
  readonly folder: string;
  /** Null: only what is over is taken out. */
  readonly owner: Owner | null;
  /** Milliseconds for which the old keys are good beside the new ones; 0: not at all. */
  readonly overlapMs: number;
  /** UTC milliseconds. */
  readonly nowMs: number;
}

export interface Rotated {
  /** False when its keys were replaced already and the old ones are still good. */
  readonly made: boolean;
  /** Until when the old keys are good; null when there are none. */
  readonly untilMs: number | null;
  /** Users whose old keys are over and let nobody in any more. */
  readonly expired: readonly string[];
  /** Below the folder, in the order in which they took their place. */
  readonly files: readonly string[];
}

const CERTIFICATE_DAYS = 365;
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What is there. */
interface There {
  readonly keys: AdminKeySet;
  readonly retired: readonly RetiredUser[];
  readonly config: string;
  readonly users: readonly ServerUser[];
}

/**
 * Twice within the overlap is once. A stop in between loses nothing: the same command again ends what was begun.
 * @throws KEYS_NOT_FOUND, KEYS_INVALID, KEYS_OTHER_NODES, KEYS_NO_AUTHORITY, KEYS_CONFIG_UNKNOWN, KEYS_UNWRITABLE
 */
export async function rotate({ folder, owner, overlapMs, nowMs }: Rotation): Promise<Rotated> {
  await finishReplacing(folder);
  const there = await readAll(folder);
  const user = owner === null ? null : userOf(owner);
  const live = there.retired.filter(({ untilMs }) => untilMs > nowMs);
  const expired = [...new Set(there.retired.filter((one) => !live.includes(one)).map(({ name }) => name))];
  const before = live.findLast(({ name }) => name === user);
  if (before !== undefined) return { made: false, untilMs: before.untilMs, expired: [], files: [] };
  const untilMs = nowMs + overlapMs;
  const made = owner === null ? null : await newKeys(folder, owner, there, { nowMs, untilMs });
  const retired = overlapMs > 0 && made !== null ? [...live, ...made.retired] : live;
  const dropped = new Set(there.retired.filter((one) => !retired.includes(one)).map((one) => one.publicKey));
  if (overlapMs === 0) for (const { publicKey } of made?.retired ?? []) dropped.add(publicKey);
  const users = there.users.filter(({ publicKey }) => !dropped.has(publicKey));
  const config = withUsers(there.config, there.keys.cluster, [...users, ...(made?.users ?? [])]);
  const keys = { ...there.keys, ...made?.keys };
  const believed = keys.keys.filter((key) => key.untilMs === undefined || key.untilMs > nowMs);
  const files: readonly KeyFile[] = [
    { path: KEY_PATHS.adminKeys, text: json({ ...keys, keys: believed }), secret: false },
    { path: KEY_PATHS.retired, text: retiredText(retired), secret: true },
    { path: KEY_PATHS.serverConfig, text: config, secret: true },
    ...(made?.files ?? []),
  ];
  await replaceTogether(folder, files, goneIn(folder, believed));
  return {
    made: made !== null,
    untilMs: made !== null && overlapMs > 0 ? untilMs : null,
    expired,
    files: files.map(({ path }) => path),
  };
}

const userOf = (owner: Owner): string => ('node' in owner ? owner.node : roleUser(owner.role));

async function readAll(folder: string): Promise<There> {
  const path = `${folder}/${KEY_PATHS.serverConfig}`;
  const keys = await readAdminKeys(`${folder}/${KEY_PATHS.adminKeys}`);
  const config = await secretText(path);
  const users = usersIn(path, config);
  return { keys, retired: await readRetired(folder), config: `${config}\n`, users };
}

interface Time {
  readonly nowMs: number;
  readonly untilMs: number;
}

interface Made {
  readonly keys: Partial<Pick<AdminKeySet, 'keys' | 'auditKeys'>>;
  readonly users: readonly ServerUser[];
  readonly retired: readonly RetiredUser[];
  readonly files: readonly KeyFile[];
}

async function newKeys(folder: string, owner: Owner, there: There, time: Time): Promise<Made> {
  const { nowMs, untilMs } = time;
  const name = userOf(owner);
  const old = there.users.filter((one) => one.name === name);
  if (old.length === 0) throw otherNodes(folder, [name], there.keys);
  const authority = await authorityIn(folder, nowMs);
  const { seed, publicKey } = newNatsUserKey();
  const pem = await authority.issue(name, [], CERTIFICATE_DAYS);
  const kind = 'node' in owner ? ('node' as const) : owner.role;
  const signing =
    'node' in owner ? await ofNode(owner.node, there) : await ofRole(folder, owner.role, there, time);
  const known = new Set(there.retired.map((one) => one.publicKey));
  return {
    keys: signing.keys,
    users: [{ name, kind, publicKey }],
    retired: old
      .filter((one) => !known.has(one.publicKey))
      .map((one) => ({ name, publicKey: one.publicKey, untilMs })),
    files: [
      ...signing.files,
      { path: KEY_PATHS.seed(name), text: `${seed}\n`, secret: true },
      { path: KEY_PATHS.certKey(name), text: pem.key, secret: true },
      { path: KEY_PATHS.cert(name), text: pem.cert, secret: false },
    ],
  };
}

type Signing = Pick<Made, 'keys' | 'files'>;

/** What it signed before was signed by it: the old key is known for ever, and signs nothing new. */
async function ofNode(node: string, { keys }: There): Promise<Signing> {
  const key = await newSigningKey(`audit-${node.replaceAll('_', '-')}`);
  return {
    keys: { auditKeys: [...keys.auditKeys, { kid: key.kid, who: node, x: key.x }] },
    files: [{ path: KEY_PATHS.auditKey(node), text: json(key), secret: true }],
  };
}

/** The old key is kept beside the new one: it is needed until every node knows the new one. */
async function ofRole(folder: string, role: AdminRole, { keys }: There, time: Time): Promise<Signing> {
  const { nowMs, untilMs } = time;
  const key = await newSigningKey(role);
  const ends = keys.keys.map((one) =>
    one.who === role && one.untilMs === undefined ? { ...one, untilMs } : one,
  );
  const path = `${folder}/${KEY_PATHS.adminKey(role)}`;
  const kept = untilMs > nowMs && existsSync(path);
  const before = kept
    ? [{ path: KEY_PATHS.retiredKey(role), text: `${await secretText(path)}\n`, secret: true }]
    : [];
  return {
    keys: { keys: [...ends, { kid: key.kid, who: role, roles: [role], x: key.x }] },
    files: [...before, { path: KEY_PATHS.adminKey(role), text: json(key), secret: true }],
  };
}

/** Secrets of roles whose old key nobody believes any more. */
const goneIn = (folder: string, believed: AdminKeySet['keys']): readonly string[] =>
  [...new Set(believed.map(({ who }) => who))]
    .filter((who) => !believed.some((key) => key.who === who && key.untilMs !== undefined))
    .map(KEY_PATHS.retiredKey)
    .filter((path) => existsSync(`${folder}/${path}`));

async function authorityIn(folder: string, nowMs: number): Promise<Authority> {
  const path = `${folder}/${KEY_PATHS.caKey}`;
  if (!existsSync(path))
    throw new EsperError(
      'KEYS_NO_AUTHORITY',
      `without ${path} nobody can make certificates that the cluster believes`,
      { path },
      { hint: 'bring it back from where it is kept, for as long as this takes' },
    );
  const key = await secretText(path);
  const cert = await readFile(`${folder}/${KEY_PATHS.ca}`, 'utf8');
  return authorityFrom({ cert, key }, nowMs);
}
