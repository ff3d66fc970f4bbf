/** Processes of this machine, by pid and start time; the start time comes from /proc where there is one. */
import { readFileSync } from 'node:fs';
import type { Processes, ProcessIdentity } from '../../ports/processes.ts';

export function nodeProcesses(): Processes {
  const self = { pid: process.pid, started: startOf(process.pid) };
  return {
    self: () => self,
    alive: ({ pid, started }: ProcessIdentity) =>
      pid > 0 && exists(pid) && (started === '' || ['', started].includes(startOf(pid))),
  };
}

/** Signal 0 only asks. Another user's process answers EPERM: it lives. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, counted behind the name, which may hold spaces. Ticks since boot, hence the boot's id. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return '';
  }
}
