/** A life on a real machine in the words of the simulator, so that the same actors and the same checkers serve both. */
import { writeSync } from 'node:fs';
import { type MemoryMetrics, memoryMetrics } from '../../runtime/adapters/memory/metrics.ts';
import { nodePorts } from '../../runtime/node.ts';
import type { ActingLife } from '../sim/scenarios/customers.ts';
import type { News } from './words.ts';

/** Milliseconds since the machine began, with fractions: one clock for all its processes, which nobody can set. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Written at once: whatever was said before a kill was said. Waits for a suite that is slow to listen.
 * The output of a process with threads does not wait by itself: it takes a part of a line, or fails with EAGAIN.
 */
export function say(news: News): void {
  let rest: Uint8Array = Buffer.from(`${JSON.stringify(news)}\n`);
  while (rest.length > 0) rest = rest.subarray(written(rest));
}

const never = new Int32Array(new SharedArrayBuffer(4));

function written(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(never, 0, 0, 1);
    return 0;
  }
}

export type RealLife = ActingLife & { readonly metrics: MemoryMetrics };

/** @param lives which life of its node this process is, 1-based */
export async function realLife(name: string, lives: number): Promise<RealLife> {
  const metrics = memoryMetrics();
  const ports = await nodePorts({ logLevel: 'warn', seed: `${name}/${lives}`, metrics });
  return {
    metrics,
    node: { name, epoch: lives },
    ports: { ...ports, failPoints: { hit: () => undefined } },
    alive: true,
    paused: false,
    note: (event) => say({ is: 'note', atMs: nowMs(), event }),
    always(invariant, holds, message = invariant) {
      // Nobody sees all nodes at once here: what is said of several is judged from the history.
      if (!holds) throw new Error(`${invariant}: ${message}`);
    },
    sometimes: () => undefined,
    worldMs: () => 0,
  };
}
