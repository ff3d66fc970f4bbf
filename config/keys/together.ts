/** Several files replaced as one: all are on the disk under other names first, then each takes its place; a stop in between is made up for. */
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { EsperError } from '../../contracts/index.ts';
import type { KeyFile } from './key-files.ts';

const PLAN = 'plan.json';
const Path = Type.String({ pattern: '^[a-z0-9_-]+(\\.[a-z0-9_-]+)*(/[a-z0-9_-]+(\\.[a-z0-9_-]+)*)?$' });
/** What is to be done, in order: a file takes its place, or goes. */
const Plan = Type.Object({ files: Type.Array(Path), gone: Type.Array(Path) });

const ready = (folder: string): string => `${folder}/.replacing`;

/** In the order given: what others need to know comes before what they need it for. @throws KEYS_UNWRITABLE */
export async function replaceTogether(
  folder: string,
  files: readonly KeyFile[],
  gone: readonly string[],
): Promise<void> {
  const draft = `${ready(folder)}.draft`;
  await writable(folder, async () => {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    for (const [at, { text, secret }] of files.entries())
      await durable(`${draft}/${at}`, text, secret ? 0o600 : 0o644);
    const plan = { files: files.map(({ path }) => path), gone: [...gone] };
    await durable(`${draft}/${PLAN}`, JSON.stringify(plan), 0o600);
    await settled(draft);
    await rename(draft, ready(folder));
    await settled(folder);
  });
  await finishReplacing(folder);
}

/** Ends what was begun; true when there was something to end. What had not been decided is forgotten. @throws KEYS_UNWRITABLE */
export async function finishReplacing(folder: string): Promise<boolean> {
  const from = ready(folder);
  if (!existsSync(from)) return false;
  await writable(folder, async () => {
    const { files, gone } = planIn(`${from}/${PLAN}`, await readFile(`${from}/${PLAN}`, 'utf8'));
    for (const [at, path] of files.entries()) {
      if (!existsSync(`${from}/${at}`)) continue;
      await mkdir(dirname(`${folder}/${path}`), { recursive: true, mode: 0o700 });
      await rename(`${from}/${at}`, `${folder}/${path}`);
      await settled(dirname(`${folder}/${path}`));
    }
    for (const path of gone) await rm(`${folder}/${path}`, { force: true });
    await rm(from, { recursive: true });
    await settled(folder);
  });
  return true;
}

function planIn(path: string, text: string): Static<typeof Plan> {
  const value: unknown = JSON.parse(text);
  if (Value.Check(Plan, value)) return value;
  throw new EsperError('KEYS_INVALID', `${path} is no plan of ours`, { path }, { hint: 'see who wrote it' });
}

async function durable(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Names of a folder are on the disk only once the folder is. */
async function settled(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writable(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof EsperError) throw cause;
    const text = `keys cannot be replaced in ${folder}`;
    const hint = 'check who owns the folder, then give the same command again: it ends what was begun';
    throw new EsperError('KEYS_UNWRITABLE', text, { folder }, { cause, hint });
  }
}
