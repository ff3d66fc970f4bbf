/** The real world of a host on this machine: clock, disk, ids, log, and comedy to own the actors. */
import { randomStream } from '../../contracts/random-stream.ts';
import { type MemoryMetrics, memoryMetrics } from '../../runtime/adapters/memory/metrics.ts';
import { nodeClock } from '../../runtime/adapters/node/clock.ts';
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { nodeIds } from '../../runtime/adapters/node/ids.ts';
import { type PinoLog, pinoLog } from '../../runtime/adapters/pino/log.ts';
import type { Clock, Disk, Hasher, Ids, SystemPorts } from '../../runtime/index.ts';

export interface HostPorts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly log: PinoLog;
  readonly metrics: MemoryMetrics;
  /** Ports for one actor system; its random streams follow `seed`. The system closes what it owns. */
  system(seed: number): Promise<SystemPorts>;
}

/** @param logFile where operators' lines go: a run's folder, so that they never mix with results */
export function hostPorts(name: string, logFile: string): HostPorts {
  const [clock, ids, metrics] = [nodeClock(), nodeIds(), memoryMetrics()];
  const log = pinoLog({ level: 'info', to: logFile });
  const named = log.with({ host: name });
  return {
    clock,
    ids,
    metrics,
    log,
    disk: nodeDisk(),
    hasher: nodeHasher(),
    async system(seed) {
      const random = randomStream(`${seed}/${name}`);
      // a large part of all that a host loads: not before it is needed
      const { comedyOwnership } = await import('../../runtime/adapters/comedy/index.ts');
      return { clock, ids, log: named, metrics, random, ownership: await comedyOwnership({ log: named }) };
    },
  };
}

/** SHA-256 of a text, 64 hex digits. */
export const sha256Of =
  (hasher: Hasher) =>
  (text: string): string =>
    hasher.sha256([new TextEncoder().encode(text)]);
