/** What a node says of the machine it is on: measured here, unless the placement file says otherwise. */
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MachineFacts } from '../../runtime/placement/options.ts';
import { engine } from '../engine.ts';
import type { NodePlan } from '../placement/plan.ts';

const MIB = 1_048_576;
const NANOSECONDS = 1e6;

export interface FactsOfMachine {
  /** Asked with every beat: cheap. */
  read(): MachineFacts;
  close(): void;
}

/** Begins to measure how late the event loop runs. The caller closes it. */
export function factsOf({ labels, capacity }: NodePlan): FactsOfMachine {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const cores = capacity.cores ?? availableParallelism();
  const memoryMb = capacity.memoryMb ?? Math.round(totalmem() / MIB);
  const gpus = capacity.gpus ?? 0;
  return {
    read() {
      const late = delay.percentile(99) / NANOSECONDS;
      delay.reset();
      return {
        labels: [...labels],
        memoryMb,
        freeMemoryMb: Math.min(memoryMb, Math.round(freemem() / MIB)),
        cores,
        load: Math.max(0, loadavg()[0] ?? 0),
        gpus,
        freeGpus: gpus,
        engine,
        loopDelayMs: Number.isFinite(late) ? Math.max(0, late) : 0,
        latencyMs: {},
        starvingMs: 0,
        overcommit: 0,
        ioHeat: 0,
      };
    },
    close: () => delay.disable(),
  };
}
