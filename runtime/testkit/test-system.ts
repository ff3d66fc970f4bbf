/** A whole actor system for a test: virtual time, seeded chance, and ports that remember what they were told. */
import { randomStream } from '../../contracts/random-stream.ts';
import { type MemoryClock, memoryClock } from '../adapters/memory/clock.ts';
import { memoryIds } from '../adapters/memory/ids.ts';
import { type MemoryLog, memoryLog } from '../adapters/memory/log.ts';
import { type MemoryMetrics, memoryMetrics } from '../adapters/memory/metrics.ts';
import { supervisor } from '../supervisor/declare.ts';
import type { ChildSpec, SupervisorOptions } from '../supervisor/spec.ts';
import { type ActorSystem, type SystemPorts, startSystem } from '../system.ts';

export interface TestSystemOptions extends Partial<SupervisorOptions> {
  /** Of every random stream; the same seed, the same story. Default 1. */
  readonly seed?: number | string;
  /** Put in the place of the ports made here. */
  readonly ports?: Partial<SystemPorts>;
}

export interface TestSystem {
  readonly system: ActorSystem;
  /** Time stands still until `advance` moves it. */
  readonly clock: MemoryClock;
  readonly log: MemoryLog;
  readonly metrics: MemoryMetrics;
  /** Moves time and lets everything due happen, each thing at its own moment. @param ms 0 or more */
  advance(ms: number): Promise<void>;
  /** Lets everybody handle what waits; time stands still. */
  settle(): Promise<void>;
}

/**
 * Starts `children` under a supervisor called `test`; by default one_for_one with room for many restarts.
 * Their paths are `test/<id>`. The caller stops the system, or lets it go with the test: nothing real is held.
 * @throws SPEC_INVALID_..., SUPERVISOR_START_FAILED
 */
export async function testSystem(
  children: readonly ChildSpec[],
  { seed = 1, ports = {}, ...options }: TestSystemOptions = {},
): Promise<TestSystem> {
  const [clock, log, metrics] = [memoryClock(), memoryLog(), memoryMetrics()];
  const spec = supervisor(
    'test',
    { strategy: 'one_for_one', intensity: 100, periodMs: 60_000, ...options },
    children,
  );
  const made = { clock, log, metrics, ids: memoryIds(), random: randomStream(seed), ...ports };
  const starting = startSystem(spec, made);
  await clock.settle();
  const system = await starting;
  return { system, clock, log, metrics, advance: (ms) => clock.advance(ms), settle: () => clock.settle() };
}
