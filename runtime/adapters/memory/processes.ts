/** Processes that exist because a test says so. */
import type { Processes } from '../../ports/processes.ts';

export interface MemoryProcesses extends Processes {
  /** The process dies and a new one takes its place: `self` answers with a new start. */
  restart(): void;
}

export function memoryProcesses(pid = 1): MemoryProcesses {
  let lives = 1;
  return {
    self: () => ({ pid, started: `life-${lives}` }),
    alive: (who) => who.pid === pid && who.started === `life-${lives}`,
    restart: () => void lives++,
  };
}
