/** The machine that figures were taken on, in one line: without it they mean nothing. */
import { cpus, loadavg, totalmem } from 'node:os';

/** Call it before the first suite: afterwards the load is one's own. */
export function machineLine(): string {
  const cores = cpus();
  const load = loadavg()
    .map((average) => average.toFixed(2))
    .join(' ');
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores, ${memory}, node ${process.version}, load average ${load}`;
}
