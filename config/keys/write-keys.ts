/** Keys onto the disk: readable by their owner alone, all or none, and never over those that are there. */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EsperError } from '../../contracts/index.ts';
import type { KeyFile } from './key-files.ts';

/** @param force replaces what is there. @throws KEYS_EXIST, KEYS_UNWRITABLE */
export async function writeKeys(folder: string, files: readonly KeyFile[], force: boolean): Promise<void> {
  const there = await existing(folder, files);
  if (there.length > 0 && !force) throw keysExist(folder, there);
  try {
    for (const sub of new Set([folder, ...files.map(({ path }) => dirname(`${folder}/${path}`))]))
      await mkdir(sub, { recursive: true, mode: 0o700 });
    for (const file of files) await write(`${folder}/${file.path}`, file, force);
  } catch (cause) {
    if (cause instanceof EsperError) throw cause;
    const text = `keys cannot be written to ${folder}`;
    throw new EsperError('KEYS_UNWRITABLE', text, { folder }, { cause, hint: 'check who owns the folder' });
  }
}

async function existing(folder: string, files: readonly KeyFile[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(({ path }) =>
      stat(`${folder}/${path}`).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** Taken away first, so that the new file never has the rights of the old one. */
async function write(path: string, { text, secret }: KeyFile, force: boolean): Promise<void> {
  if (force) await rm(path, { force: true });
  const file = await open(path, 'wx', secret ? 0o600 : 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

const keysExist = (folder: string, there: readonly string[]): EsperError =>
  new EsperError(
    'KEYS_EXIST',
    `there are keys in ${folder} already`,
    { folder, files: there.slice(0, 8) },
    { hint: 'choose another --dir; --force replaces them, and whoever has the old ones is locked out' },
  );
