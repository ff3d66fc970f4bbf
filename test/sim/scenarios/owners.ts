/** Three nodes that never die and one post: whoever has the lease acts, and nobody acts beside or after a newer one. */
import { type ActorDefinition, accept, startSystem, supervisor } from '../../../runtime/index.ts';
import { type Cluster, Fence, type Held, singleton, Tenure } from '../../../runtime/remote/index.ts';
import type { Life, Scenario, World } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';

type SimLife = Life<SimEvent>;

const LOAD_MS = 9_000;
const NODES = ['n1', 'n2', 'n3'] as const;
const LEASE_MS = 900;
const POST = 'post';

/** What the post writes to: it outlives every owner, and remembers the newest. */
const fences = new WeakMap<World<SimEvent>, Fence>();
const fenceOf = (world: World<SimEvent>): Fence => {
  const known = fences.get(world) ?? new Fence(POST);
  fences.set(world, known);
  return known;
};

/** Leases without a cluster around them: nodes need no names of their own here, so that nothing but the post can go wrong. */
function holding(life: SimLife): Pick<Cluster, 'hold'> {
  const { clock, log, random, ids, failPoints } = life.ports;
  return {
    hold(name, hooks) {
      const tenure = new Tenure({
        clock,
        log,
        failPoints,
        random: random.split(`lease ${name}`),
        leases: life.leases,
        key: name,
        name,
        holder: `${life.node.name}/${life.node.epoch}/${ids.next('life')}`,
        lifeMs: LEASE_MS,
        hooks,
      });
      tenure.start();
      return { release: () => tenure.release() };
    },
  };
}

function owner(life: SimLife, fence: Fence): ActorDefinition<Held, { type: 'act' }, never, Held> {
  const random = life.ports.random.split('owner');
  const acts = (epoch: number, now: boolean) => life.note({ kind: 'owner', of: POST, epoch, acts: now });
  return {
    name: 'owner',
    fresh: (cx, held) => {
      cx.after(0, { type: 'act' });
      return held;
    },
    decide: {
      act: (held, _message, cx) => {
        cx.after(20, { type: 'act' });
        if (!held.held()) {
          life.sometimes('an owner saw that its lease had run out');
          return accept();
        }
        acts(held.epoch, true);
        if (fence.refuses(held.epoch) === undefined)
          life.note({ kind: 'fenced', resource: POST, epoch: held.epoch });
        else life.always('no entitled owner is refused', false, `epoch ${held.epoch} after ${fence.newest}`);
        if (random.below(200) === 0) throw new Error('the owner fell');
        return accept();
      },
    },
    stopped: ({ epoch }) => acts(epoch, false),
  };
}

const last = new WeakMap<World<SimEvent>, string>();

export const owners: Scenario<SimEvent> = {
  name: 'owners',
  nodes: NODES,
  lengthMs: LOAD_MS,
  settleMs: 4_000,
  network: { delayMs: [1, 8] },
  faults: {
    most: 8,
    weights: { pause: 6, partition: 3, broker_restart: 1, drift: 2, wall_jump: 1 },
  },
  sometimes: [
    'the post changed hands',
    'an owner saw that its lease had run out',
    'fault pause',
    'fault partition',
    'counted esper_restarts_total',
  ],
  async boot(life, world) {
    const fence = fenceOf(world);
    const spec = supervisor('office', { strategy: 'one_for_one', intensity: 5, periodMs: 5_000 }, [
      singleton(holding(life), POST, owner(life, fence), (held) => {
        const before = last.get(world);
        last.set(world, life.node.name);
        if (before !== undefined && before !== life.node.name) life.sometimes('the post changed hands');
        return held;
      }),
    ]);
    await startSystem(spec, life.ports);
  },
  async finish(world) {
    world.always('somebody holds the post in the end', fenceOf(world).newest > 0);
  },
  check: (history) => checkAll(history),
};
