/** One writer for each journal: a file says who, and a dead writer's claim does not outlive it. */
import type { Disk } from '../ports/disk.ts';
import type { Processes, ProcessIdentity } from '../ports/processes.ts';
import { journalLocked } from './errors.ts';

const LOCK_FILE = 'journal.lock';
const NOBODY: ProcessIdentity = { pid: 0, started: 'nobody' };

export interface JournalLock {
  /** Lets others write. */
  release(): Promise<void>;
}

/** @throws JOURNAL_LOCKED while the holder lives */
export async function takeLock(disk: Disk, folder: string, processes: Processes): Promise<JournalLock> {
  const path = `${folder}/${LOCK_FILE}`;
  if (!(await claim(disk, path, processes))) {
    await dispossess(disk, folder, path, processes);
    if (!(await claim(disk, path, processes))) throw journalLocked(folder, await holderOf(disk, path));
  }
  await confirm(disk, folder, path, processes);
  // Asked twice: a claim left behind would keep its own process out for as long as that lives.
  return { release: () => disk.remove(path).catch(() => disk.remove(path)) };
}

async function claim(disk: Disk, path: string, processes: Processes): Promise<boolean> {
  const file = await disk.open(path, 'create').catch((error: { code?: string }) => {
    if (error.code === 'DISK_EXISTS') return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.write(new TextEncoder().encode(JSON.stringify(processes.self())), 0);
    await file.sync();
  } catch (error) {
    await disk.remove(path);
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** Between its making and its writing a claim names nobody, and somebody may have taken it for a dead one's. */
async function confirm(disk: Disk, folder: string, path: string, processes: Processes): Promise<void> {
  const { pid, started } = processes.self();
  const look = () => holderOf(disk, path);
  // Asked twice, as at the end: who gives up here leaves a claim behind that keeps its own process out.
  const holder = (await disk.exists(path)) ? await look().catch(look) : NOBODY;
  if (holder.pid !== pid || holder.started !== started) throw journalLocked(folder, holder);
}

/**
 * Takes a dead holder's file away. Another heir may have come first and claimed anew between our look and our move,
 * so what was moved is looked at again, and put back if it belongs to somebody alive.
 */
async function dispossess(disk: Disk, folder: string, path: string, processes: Processes): Promise<void> {
  const holder = await holderOf(disk, path);
  if (processes.alive(holder)) throw journalLocked(folder, holder);
  const aside = `${path}.stale-${processes.self().pid}`;
  await disk.rename(path, aside);
  const moved = await holderOf(disk, aside);
  if (processes.alive(moved)) {
    await disk.rename(aside, path);
    throw journalLocked(folder, moved);
  }
  await disk.remove(aside);
}

/** A claim cut short by a crash names nobody, and nobody is dead. */
async function holderOf(disk: Disk, path: string): Promise<ProcessIdentity> {
  const text = new TextDecoder().decode(await disk.read(path));
  try {
    const { pid, started } = JSON.parse(text) as ProcessIdentity;
    return { pid: Number(pid), started: String(started) };
  } catch {
    return NOBODY;
  }
}
