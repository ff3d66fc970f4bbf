/** Keys from the disk, checked: a secret that others can read is refused, like one that does not hold what it should. */
import { readFile, stat } from 'node:fs/promises';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AdminKey, AdminKeySet, EsperError } from '../../contracts/index.ts';
import type { SigningKey } from '../../runtime/adapters/jose/tokens.ts';

const PrivateKey = Type.Object(
  {
    kid: AdminKey.properties.kid,
    x: AdminKey.properties.x,
    d: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  },
  { additionalProperties: false },
);
/** Bytes a file of keys has at most. */
const LONGEST = 1 << 20;

/** The public keys that commands are believed from. @throws KEYS_NOT_FOUND, KEYS_INVALID */
export async function readAdminKeys(path: string): Promise<AdminKeySet> {
  const set = parsed(path, AdminKeySet, await textOf(path));
  const kids = [...set.keys, ...set.auditKeys].map(({ kid }) => kid);
  if (new Set(kids).size !== kids.length) throw invalid(path, 'two keys have one kid');
  return set;
}

/** A key to sign with. @throws KEYS_NOT_FOUND, KEYS_EXPOSED, KEYS_INVALID */
export async function readSigningKey(path: string): Promise<SigningKey> {
  return parsed(path, PrivateKey, await secretText(path));
}

/** A file that only its owner may read, without the white space around it. @throws KEYS_NOT_FOUND, KEYS_EXPOSED */
export async function secretText(path: string): Promise<string> {
  const text = await textOf(path);
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return text.trim();
  throw new EsperError(
    'KEYS_EXPOSED',
    `others can read ${path}`,
    { path, mode: (mode & 0o777).toString(8) },
    { hint: `chmod 600 ${path}, and make new keys if somebody may have read it` },
  );
}

async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > LONGEST) throw invalid(path, 'it is too large');
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof EsperError) throw cause;
    const hint = 'esper keys init makes keys; --key and --keys say where they are';
    throw new EsperError('KEYS_NOT_FOUND', `no keys can be read at ${path}`, { path }, { cause, hint });
  }
}

/** What is wrong is said without what stands there. */
function parsed<T extends TSchema>(path: string, schema: T, text: string): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(path, 'it is no JSON');
  }
  const first = Value.Errors(schema, value).First();
  if (first === undefined) return value as Static<T>;
  throw invalid(path, `${first.path || '/'}: ${first.message}`);
}

const invalid = (path: string, problem: string): EsperError =>
  new EsperError(
    'KEYS_INVALID',
    `${path} does not hold keys: ${problem}`,
    { path, problem },
    { hint: 'compare it with what esper keys init makes' },
  );
