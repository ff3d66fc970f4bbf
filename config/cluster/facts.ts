/** What a node says of the machine it is on: measured here, unless the placement file says otherwise. */
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../runtime/index.ts';
import type { MachineFacts } from '../../runtime/placement/options.ts';
import { Strain } from '../../runtime/placement/strain.ts';
import { engine } from '../engine.ts';
import type { NodePlan } from '../placement/plan.ts';
import { RoundTrips } from './latency.ts';
import { pressureOf } from './pressure.ts';

const MIB = 1_048_576;
const NANOSECONDS = 1e6;
const RESOLUTION_MS = 20;
/** What the newest delay counts against all before: one late turn is no late loop. */
const NEWEST = 0.3;
/** Milliseconds from one look at the loop to the next, however often somebody asks: a shorter one sees too little. */
const LOOK_MS = 250;

export interface FactsOfMachine {
  /** To the other nodes, measured by the node's own actor. */
  readonly roundTrips: RoundTrips;
  /** Hears what the schedulers of tasks on this node say of themselves. */
  readonly strain: Strain;
  /** Asked with every beat, and for every bid: cheap. */
  read(): MachineFacts;
  close(): void;
}

/** Begins to measure how late the event loop runs. The caller closes it. */
export function factsOf({ labels, capacity }: NodePlan, clock: Pick<Clock, 'nowMs'>): FactsOfMachine {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const roundTrips = new RoundTrips();
  const strain = new Strain(clock);
  let [usuallyLate, longest, lookedMs] = [0, 0, clock.nowMs()];
  const look = () => {
    const nowMs = clock.nowMs();
    if (nowMs - lookedMs < LOOK_MS || delay.count === 0) return;
    lookedMs = nowMs;
    // The timer that measures is due every so often; only what comes on top is delay.
    const late = Math.max(0, delay.percentile(99) / NANOSECONDS - RESOLUTION_MS);
    longest = Math.max(0, delay.max / NANOSECONDS - RESOLUTION_MS);
    delay.reset();
    usuallyLate += NEWEST * (late - usuallyLate);
  };
  const cores = capacity.cores ?? availableParallelism();
  const memoryMb = capacity.memoryMb ?? Math.round(totalmem() / MIB);
  const gpus = capacity.gpus ?? 0;
  return {
    roundTrips,
    strain,
    read() {
      look();
      const load = Math.max(0, loadavg()[0] ?? 0);
      return {
        labels: [...labels],
        memoryMb,
        freeMemoryMb: Math.min(memoryMb, Math.round(freemem() / MIB)),
        cores,
        load,
        gpus,
        freeGpus: gpus,
        engine,
        loopDelayMs: usuallyLate,
        latencyMs: roundTrips.all(),
        ...strain.felt({
          // All actors of a node take turns on this loop: who waited longest for one waited that long.
          starvingMs: longest,
          // Threads ready to run for each core that could run them.
          overcommit: load / cores,
          ioHeat: pressureOf().io,
        }),
      };
    },
    close: () => delay.disable(),
  };
}
