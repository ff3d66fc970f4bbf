/** Units that count: every effect goes to a store that outlives them and takes nothing from a tenure of the past. */
import {
  type ActorDefinition,
  accept,
  Fence,
  type Held,
  refuse,
  type UnitFactory,
  type UnitStart,
  worker,
} from '../../../runtime/index.ts';
import type { Life, World } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { sleep } from '../support.ts';

export type SimLife = Life<SimEvent>;

/** What all tenures of one unit write to. */
export interface Store {
  readonly fence: Fence;
  readonly ids: string[];
  /** Tenures that have begun and not ended, as far as anybody outside can see. */
  readonly acting: Set<{ readonly life: SimLife; readonly held: Held }>;
}

const stores = new WeakMap<World<SimEvent>, Map<string, Store>>();

export function storeOf(world: World<SimEvent>, unit: string): Store {
  const all = stores.get(world) ?? new Map<string, Store>();
  stores.set(world, all);
  const known = all.get(unit) ?? { fence: new Fence(unit), ids: [], acting: new Set() };
  all.set(unit, known);
  return known;
}

export type CounterMessage =
  | { readonly type: 'add'; readonly id: string }
  /** The `n`th that one life of a node sends to this unit; nobody answers it. */
  | { readonly type: 'letter'; readonly from: string; readonly n: number }
  | { readonly type: 'look' }
  | { readonly type: 'give' };

/** What one tenure leaves to the next. */
interface Gift {
  readonly ids: readonly string[];
  readonly epoch: number;
}

interface Counter {
  readonly me: { readonly life: SimLife; readonly held: Held };
  readonly ids: string[];
  /** It was given away: nothing changes here any more. */
  given: boolean;
}

/** @param frail of so many messages one crashes it */
export function counterUnit(life: SimLife, world: World<SimEvent>, frail: number): UnitFactory {
  return {
    children: (start) => [worker(counter(life, world, frail), { args: start })],
    supervision: { intensity: 1, periodMs: 1_000 },
    handover: { take: (door, withinMs) => door.ask({ type: 'give' }, { withinMs }) },
  };
}

function counter(
  life: SimLife,
  world: World<SimEvent>,
  frail: number,
): ActorDefinition<Counter, CounterMessage, never, UnitStart> {
  const random = life.ports.random.split('counters');
  /** The way to the store and back takes its time. */
  const way = () => sleep(life.ports.clock, random.next() * 6);
  return {
    name: 'counter',
    async fresh(cx, { unit, held, given }) {
      const store = storeOf(world, unit);
      const me = { life, held };
      life.note({ kind: 'owner', of: unit, epoch: held.epoch, acts: true });
      // Its second life in one tenure begins from the store: what was given is older by then.
      const gift = cx.incarnation === 1 && given !== undefined ? (given as Gift) : null;
      const ids = gift === null ? null : [...gift.ids];
      if (gift === null) await way();
      else if (store.fence.newest !== held.epoch)
        life.always(
          'what is handed over is the newest',
          gift.epoch === store.fence.newest,
          `${unit}: of tenure ${gift.epoch}, ${store.fence.newest} has been here since`,
        );
      if (store.fence.refuses(held.epoch) !== undefined) throw new Error('a tenure of the past');
      if (ids !== null) {
        life.sometimes('a state was handed over');
        life.always(
          'what is handed over is the newest',
          same(ids, store.ids),
          `${unit}: ${ids.length} of ${store.ids.length}`,
        );
      }
      store.acting.add(me);
      return { me, ids: ids ?? [...store.ids], given: false };
    },
    decide: {
      add: async (state, { id }, cx) => {
        const { held } = state.me;
        const store = storeOf(world, held.name.slice('unit.'.length));
        if (state.given) return refuse('GIVEN_AWAY');
        if (!held.held()) return refuse('NOT_ENTITLED');
        alone(state, store, life);
        if (state.ids.includes(id)) return accept('counted');
        await way();
        const stale = store.fence.refuses(held.epoch);
        if (stale !== undefined) {
          life.sometimes('a tenure of the past was refused');
          return stale;
        }
        life.note({ kind: 'fenced', resource: held.name, epoch: held.epoch });
        life.note({ kind: 'effect', on: held.name, id });
        store.ids.push(id);
        await way();
        state.ids.push(id);
        if (random.below(frail) === 0) throw new Error('the counter fell');
        cx.progress();
        return accept('counted');
      },
      letter: async ({ me, given }, { from, n }) => {
        const { held } = me;
        if (given || !held.held()) return refuse('NOT_ENTITLED');
        await way();
        const unit = held.name.slice('unit.'.length);
        const stale = storeOf(world, unit).fence.refuses(held.epoch);
        if (stale !== undefined) return stale;
        life.note({ kind: 'received', by: unit, from, n });
        return accept();
      },
      look: ({ ids, me }) => accept({ ids, epoch: me.held.epoch, node: life.node.name }),
      give: (state) => {
        state.given = true;
        return accept({ ids: [...state.ids], epoch: state.me.held.epoch });
      },
    },
    stopped: ({ me }) => {
      const unit = me.held.name.slice('unit.'.length);
      storeOf(world, unit).acting.delete(me);
      life.note({ kind: 'owner', of: unit, epoch: me.held.epoch, acts: false });
    },
  };
}

/** Nobody else may believe at this moment that they are entitled to act for the unit. */
function alone({ me }: Counter, { acting }: Store, life: SimLife): void {
  for (const other of acting) {
    if (other === me || !other.life.alive || other.life === life) continue;
    life.always(
      'one node acts for a unit',
      !other.held.held(),
      `${me.held.name}: ${life.node.name} in ${me.held.epoch} beside ${other.life.node.name} in ${other.held.epoch}`,
    );
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && new Set([...a, ...b]).size === a.length;
