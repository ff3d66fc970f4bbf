/** Karn, Tezzeret, Urabrask and Urza as units: whichever of them are placed together share a thread of this node. */
import { serveThreadBus } from '../../actors/oona/thread-bus.ts';
import { nodeThreads } from '../../runtime/adapters/node/threads.ts';
import { hostWorker } from '../../runtime/index.ts';
import type { UnitFactory } from '../../runtime/placement/index.ts';
import type { Innovator } from '../hosts/innovators.ts';
import type { UnitData } from '../hosts/unit-entry.ts';
import type { UnitOptions } from './unit-options.ts';

/** The work of a kernel on the bench is long, and never a reason to think the thread is stuck. */
const STALL_MS = 60_000;

/** @param actors of the unit, one or several */
export function innovationUnit(
  unit: string,
  actors: readonly Innovator[],
  options: UnitOptions,
): UnitFactory {
  const { bus, ports, home, logFile, tell } = options;
  const data: UnitData = { unit, actors, library: `${home}/urza`, logFile };
  return {
    children: ({ held }) => [
      hostWorker(unit, {
        entry: new URL('../hosts/unit-entry.js', import.meta.url),
        data,
        threads: nodeThreads(),
        clock: ports.clock,
        stallMs: STALL_MS,
        onStart: (host) => {
          tell({ what: 'unit', unit, state: 'starting', epoch: held.epoch });
          const leave = serveThreadBus(host.link, bus());
          void host.exited.then(() => {
            leave();
            tell({ what: 'unit', unit, state: 'gone', epoch: held.epoch });
          });
        },
        onReady: () => tell({ what: 'unit', unit, state: 'running', epoch: held.epoch }),
      }),
    ],
  };
}
