/** Ports for actor systems under the stopwatch: real time, real ids, comedy as in production, and nobody writing logs. */
import { randomStream } from '../../contracts/index.ts';
import { comedyOwnership } from '../../runtime/adapters/comedy/index.ts';
import { memoryMetrics } from '../../runtime/adapters/memory/metrics.ts';
import { nodeClock } from '../../runtime/adapters/node/clock.ts';
import { nodeIds } from '../../runtime/adapters/node/ids.ts';
import type { Log, SystemPorts } from '../../runtime/index.ts';

export const silent: Log = { write: () => {}, with: () => silent };

export async function benchPorts(): Promise<SystemPorts> {
  return {
    clock: nodeClock(),
    ids: nodeIds(),
    log: silent,
    metrics: memoryMetrics(),
    random: randomStream('bench'),
    ownership: await comedyOwnership({ log: silent }),
  };
}
