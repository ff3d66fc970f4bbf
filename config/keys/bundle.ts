/** The keys of one node and nothing else, ready to be carried to its machine. */
import { existsSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EsperError } from '../../contracts/index.ts';
import type { KeyFile } from './key-files.ts';
import { readNodeKeys } from './node-keys.ts';
import { KEY_PATHS } from './paths.ts';
import { readAdminKeys } from './read-keys.ts';
import { tarOf } from './tar.ts';

export interface Bundle {
  /** Of all keys. */
  readonly folder: string;
  readonly node: string;
  /** A file when it ends in `.tar`, else a folder; neither may be there. */
  readonly out: string;
}

/**
 * Readable by its owner alone, whole or not at all.
 * @returns what is in it, below its root
 * @throws KEYS_EXIST, KEYS_UNWRITABLE, and what `readNodeKeys` throws
 */
export async function bundle({ folder, node, out }: Bundle): Promise<readonly string[]> {
  const { cluster } = await readAdminKeys(`${folder}/${KEY_PATHS.adminKeys}`);
  // Read as the node will read them: what it could not start with is not carried to it.
  await readNodeKeys(folder, node, cluster);
  const files = await Promise.all(
    pathsOf(node).map(async (path): Promise<KeyFile> => {
      return { path, text: await readFile(`${folder}/${path}`, 'utf8'), secret: true };
    }),
  );
  if (existsSync(out)) throw there(out);
  const draft = `${out}.draft`;
  try {
    await rm(draft, { recursive: true, force: true });
    await (out.endsWith('.tar') ? asFile(files, draft, out) : asFolder(files, draft, out));
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if ((cause as { code?: string }).code === 'EEXIST') throw there(out);
    const text = `keys cannot be written to ${out}`;
    throw new EsperError('KEYS_UNWRITABLE', text, { out }, { cause, hint: 'check who owns the folder' });
  }
  return files.map(({ path }) => path);
}

const pathsOf = (node: string): readonly string[] => [
  KEY_PATHS.secret,
  KEY_PATHS.adminKeys,
  KEY_PATHS.auditKey(node),
  KEY_PATHS.seed(node),
  KEY_PATHS.ca,
  KEY_PATHS.cert(node),
  KEY_PATHS.certKey(node),
];

/** A second name is given, and the first taken away: what came there meanwhile is not replaced. */
async function asFile(files: readonly KeyFile[], draft: string, out: string): Promise<void> {
  await written(draft, tarOf(files));
  await link(draft, out);
  await rm(draft);
}

async function asFolder(files: readonly KeyFile[], draft: string, out: string): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(`${draft}/${path}`), { recursive: true, mode: 0o700 });
    await written(`${draft}/${path}`, new TextEncoder().encode(text));
  }
  await rename(draft, out);
}

async function written(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

const there = (out: string): EsperError =>
  new EsperError(
    'KEYS_EXIST',
    `${out} is there already`,
    { out },
    { hint: 'choose another --out, or take that one away first' },
  );
