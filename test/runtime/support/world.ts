/** A small world for runtime tests: a clock that stands still, ports that remember, and a tree to start. */
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { type MemoryLog, memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { type MemoryMetrics, memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import {
  type ActorSystem,
  type ChildSpec,
  type SupervisorOptions,
  type SystemPorts,
  startSystem,
  supervisor,
} from '../../../runtime/index.ts';

export interface World {
  readonly clock: MemoryClock;
  readonly log: MemoryLog;
  readonly metrics: MemoryMetrics;
  readonly ports: SystemPorts;
  readonly system: ActorSystem;
}

export function worldPorts() {
  const [clock, log, metrics] = [memoryClock(), memoryLog(), memoryMetrics()];
  const ports = { clock, log, metrics, ids: memoryIds(), random: randomStream(7) };
  return { clock, log, metrics, ports };
}

/** Starts `children` under a supervisor called `top`; by default one_for_one with room for many restarts. */
export async function startWorld(
  children: readonly ChildSpec[],
  options: Partial<SupervisorOptions> = {},
): Promise<World> {
  const made = worldPorts();
  const spec = supervisor(
    'top',
    { strategy: 'one_for_one', intensity: 100, periodMs: 60_000, ...options },
    children,
  );
  return { ...made, system: await startSystem(spec, made.ports) };
}
