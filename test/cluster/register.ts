/** A unit that is placed: it keeps the entries it was sent in memory, and takes them along when it is moved. */
import type { UnitSpec } from '../../contracts/placement.ts';
import { type ActorDefinition, accept, type Message, type Ref, worker } from '../../runtime/index.ts';
import type { MachineFacts, UnitFactory, UnitStart } from '../../runtime/placement/index.ts';
import { nowMs, type RealLife, say } from './real-life.ts';

export const REGISTER: UnitSpec = {
  unit: 'register',
  actors: ['register'],
  labels: [],
  apart: [],
  near: [],
  needs: {},
  warm: 0,
  handover: 'state',
};

/** Of one machine that carries all nodes: no one of them is better than another. */
export const machineFacts = (): MachineFacts => ({
  labels: [],
  memoryMb: 1_024,
  freeMemoryMb: 512,
  cores: 1,
  load: 0,
  gpus: 0,
  freeGpus: 0,
  engine: 'broken cluster',
  loopDelayMs: 0,
  latencyMs: {},
  starvingMs: 0,
  overcommit: 0,
  ioHeat: 0,
});

export type RegisterMessage =
  | { readonly type: 'put'; readonly from: string; readonly n: number }
  | { readonly type: 'take' };

/** The newest entry of each sender. */
type Entries = Readonly<Record<string, number>>;

export function registerUnit(life: RealLife): UnitFactory {
  const actor = ({
    held,
    given,
  }: UnitStart): ActorDefinition<Entries, RegisterMessage, readonly [string, number]> => ({
    name: 'register',
    fresh: () => {
      const entries = (given ?? {}) as Entries;
      const sum = Object.values(entries).reduce((all, n) => all + n, 0);
      say({ is: 'register', atMs: nowMs(), epoch: held.epoch, entries: sum });
      life.note({ kind: 'owner', of: 'register', epoch: held.epoch, acts: true });
      return entries;
    },
    decide: {
      put: (_entries, { from, n }) => {
        life.note({ kind: 'received', by: 'register', from, n });
        return accept(undefined, [from, n]);
      },
      take: (entries) => accept(entries),
    },
    evolve: (entries, [from, n]) => ({ ...entries, [from]: n }),
    stopped: () => life.note({ kind: 'owner', of: 'register', epoch: held.epoch, acts: false }),
  });
  return {
    children: (start) => [worker(actor(start))],
    handover: { take: (door: Ref<Message>, withinMs) => door.ask({ type: 'take' }, { withinMs }) },
  };
}
