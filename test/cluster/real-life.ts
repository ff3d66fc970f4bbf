/** A life on a real machine in the words of the simulator, so that the same actors and the same checkers serve both. */
import { writeSync } from 'node:fs';
import { type MemoryMetrics, memoryMetrics } from '../../runtime/adapters/memory/metrics.ts';
import { nodePorts } from '../../runtime/node.ts';
import type { ActingLife } from '../sim/scenarios/customers.ts';
import type { News } from './words.ts';

/** Milliseconds since 1970 with fractions: one clock for all processes of a machine. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** Written at once: whatever was said before a kill was said. */
export const say = (news: News): void => void writeSync(1, `${JSON.stringify(news)}\n`);

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
