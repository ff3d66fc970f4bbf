/** The desks of the office: one for each way to deal with more mail than there is room for, and one that puts mail aside. */
import {
  type ActorDefinition,
  accept,
  type Cx,
  isRefusal,
  type MailboxOptions,
} from '../../../runtime/index.ts';
import type { Life } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { sleep } from '../support.ts';
import type { Job, MailRoom } from './mail-room.ts';

type SimLife = Life<SimEvent>;

export const AGE_MS = 40;
export const DESKS = ['park', 'coalesce', 'spill', 'urgent', 'aside'] as const;
export type Desk = (typeof DESKS)[number];

const MAILBOXES: Readonly<Record<Desk, MailboxOptions<Said>>> = {
  park: { capacity: 8, whenFull: 'park' },
  coalesce: {
    capacity: 12,
    whenFull: 'coalesce',
    key: (said) => (said.type === 'job' ? said.key : undefined),
  },
  spill: { capacity: 6, whenFull: 'spill', maxBytes: 12_000 },
  urgent: { capacity: 10, whenFull: 'refuse', priorities: { quotas: [10, 10, 8], ageMs: AGE_MS } },
  aside: { capacity: 64, whenFull: 'refuse' },
};

export type Said = Job | { readonly type: 'door'; readonly open: boolean };

/** Who waits at the urgent desk: class and time of arrival, to see that nobody is passed over. */
export class Queue {
  readonly #waiting = new Map<string, { readonly priority: number; readonly atMs: number }>();

  enter(id: string, priority: number, atMs: number): void {
    this.#waiting.set(id, { priority, atMs });
  }

  leave(id: string): void {
    this.#waiting.delete(id);
  }

  /** Somebody who has waited so long that they are more urgent by now. */
  passedOver(id: string, nowMs: number): string | undefined {
    const me = this.#waiting.get(id);
    if (me === undefined) return undefined;
    const risen = (one: typeof me) => Math.max(0, one.priority - Math.floor((nowMs - one.atMs) / AGE_MS));
    for (const [other, one] of this.#waiting) if (risen(one) < risen(me)) return other;
    return undefined;
  }
}

export interface DeskState {
  open: boolean;
}

/** @param queue of the urgent desk */
export function desk(
  life: SimLife,
  name: Desk,
  room: MailRoom,
  queue: Queue,
): ActorDefinition<DeskState, Said, Job> {
  const { clock } = life.ports;
  const random = life.ports.random.split(name);
  const take = (job: Job, first: boolean) => {
    if (job.mood === 'poison') throw new Error('nobody can do this');
    if (job.mood === 'fall' && first) throw new Error('fell once');
    return accept('done', job);
  };
  const serve = (job: Job) => {
    const passed = queue.passedOver(job.id, clock.nowMs());
    life.always('who waits long is served', passed === undefined, `${passed} behind ${job.id}`);
    queue.leave(job.id);
  };
  const slowly = async (job: Job, first: boolean) => {
    await sleep(clock, random.below(25));
    return take(job, first);
  };
  return {
    name,
    mailbox: MAILBOXES[name],
    stash: 40,
    fresh: () => ({ open: name !== 'aside' }),
    decide: {
      job: ({ open }, job, cx: Cx<Said>) => {
        if (!open) {
          const aside = cx.stash();
          if (isRefusal(aside)) room.begins(job); // there is no room to put it aside: whoever sent it hears no
          return aside;
        }
        const first = room.begins(job);
        if (name === 'urgent') serve(job);
        return random.below(4) === 0 ? slowly(job, first) : take(job, first);
      },
      door: (state, { open }, cx) => {
        state.open = open;
        if (open) cx.unstashAll();
        return accept();
      },
    },
    evolve: (state, job) => {
      room.handled(`${name}.${life.node.epoch}`, job);
      return state;
    },
  };
}

/** Somebody who comes and goes: in a pool, or as a child of the manager. */
export function temp(
  life: SimLife,
  room: MailRoom,
  light: boolean,
): ActorDefinition<null, Job, { readonly by: string; readonly job: Job }> {
  return {
    name: 'temp',
    light,
    mailbox: { capacity: 6, whenFull: 'refuse' },
    fresh: () => null,
    decide: {
      job: (_state, job, cx) => {
        const first = room.begins(job);
        if (job.mood === 'poison') throw new Error('nobody can do this');
        if (job.mood === 'fall' && first) throw new Error('fell once');
        return accept('done', { by: `${cx.path}.${life.node.epoch}`, job });
      },
    },
    evolve: (state, { by, job }) => {
      room.handled(by, job);
      return state;
    },
  };
}

export type ManagerMessage =
  | { readonly type: 'hire'; readonly id: string }
  | { readonly type: 'dismiss'; readonly id: string }
  | { readonly type: 'fall' };

/** Has helpers of its own, and takes them along when it falls. */
export function manager(life: SimLife, room: MailRoom): ActorDefinition<null, ManagerMessage> {
  return {
    name: 'manager',
    fresh: () => null,
    decide: {
      hire: (_state, { id }, cx) => {
        const helpers = cx.children({ maxChildren: 5, intensity: 1_000, periodMs: 1_000 });
        if (helpers.ref(id) === undefined && helpers.ids().length < 5)
          helpers.start(temp(life, room, true), { id, args: undefined, restart: 'transient' });
        life.note({ kind: 'size', of: 'helpers', is: helpers.ids().length, most: 5 });
        return accept();
      },
      dismiss: (_state, { id }, cx) => {
        cx.children().stop(id);
        return accept();
      },
      fall: () => {
        throw new Error('the manager fell');
      },
    },
  };
}
