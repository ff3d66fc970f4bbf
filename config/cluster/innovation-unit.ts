/** Karn, Tezzeret, Urabrask and Urza as units: whichever of them are placed together share a thread of this node. */
import { serveThreadBus } from '../../actors/oona/thread-bus.ts';
import { nodeThreads } from '../../runtime/adapters/node/threads.ts';
import type { HostHandle } from '../../runtime/host/host.ts';
import { type ChildSpec, hostWorker } from '../../runtime/index.ts';
import type { UnitFactory, UnitStart } from '../../runtime/placement/index.ts';
import type { Innovator } from '../hosts/innovators.ts';
import type { UnitData } from '../hosts/unit-entry.ts';
import { UNIT } from '../hosts/unit-words.ts';
import { takeThrough, threadDoor } from './thread-door.ts';
import type { UnitOptions } from './unit-options.ts';

/** The work of a kernel on the bench is long, and never a reason to think the thread is stuck. */
const STALL_MS = 60_000;

/** @param actors of the unit, one or several */
export function innovationUnit(
  unit: string,
  actors: readonly Innovator[],
  options: UnitOptions,
): UnitFactory {
  return {
    children: (start) => childrenOf(unit, actors, options, start),
    door: 'door',
    handover: { take: takeThrough },
  };
}

function childrenOf(
  unit: string,
  actors: readonly Innovator[],
  { bus, ports, home, logFile, tell }: UnitOptions,
  { held, given }: UnitStart,
): readonly ChildSpec[] {
  const data: UnitData = { unit, actors, library: `${home}/urza`, logFile };
  const told = { what: 'unit', unit, epoch: held.epoch } as const;
  let brought = given;
  let life: HostHandle | null = null;
  const thread = hostWorker(unit, {
    entry: new URL('../hosts/unit-entry.js', import.meta.url),
    data,
    threads: nodeThreads(),
    clock: ports.clock,
    stallMs: STALL_MS,
    onStart: (host) => {
      tell({ ...told, state: 'starting' });
      const leave = serveThreadBus(host.link, bus());
      host.link.handle(UNIT.given, () => brought ?? null);
      void host.exited.then(() => {
        leave();
        tell({ ...told, state: 'gone' });
      });
    },
    onReady: (host) => {
      life = host;
      // A later life of this thread begins after a crash: what was brought has been overtaken.
      brought = undefined;
      tell({ ...told, state: 'running' });
    },
  });
  return [thread, threadDoor(() => life)];
}
