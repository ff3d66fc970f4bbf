/** What Esper asks on top: pauses, rollback, messages that survive, budgets, leases, and an end in good order. */
import { describe, expect } from 'vitest';
import { trainingTree } from '../../actors/tree.ts';
import {
  type ActorDefinition,
  accept,
  type Message,
  pool,
  startSystem,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { deferred } from '../runtime/support/deferred.ts';
import { startWorld, type World, worldPorts } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, script } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { startPool } from './support/pool.ts';
import { slow } from './support/slow.ts';
import { ends, lives, refTo } from './support/story.ts';

type Step = Message & {
  readonly type: 'step' | 'bad' | 'later' | 'get';
  readonly by?: number;
  readonly when?: Promise<void>;
};

/** Adds up what it is told in `seen`; `bad` crashes it, `later` sets off a timer, a job and a slow handler. */
const walker = (seen: string[]): ActorDefinition<string[], Step> => ({
  name: 'walker',
  fresh: () => [],
  decide: {
    step: (_state, { by = 0 }, cx) => {
      seen.push(`${by} in life ${cx.incarnation}`);
      return accept(by);
    },
    bad: (_state, { by = 0 }, cx) => {
      seen.push(`bad ${by} in life ${cx.incarnation}`);
      throw new Error('a bad step');
    },
    later: async (_state, { when }, cx) => {
      const { incarnation } = cx;
      cx.after(100, { type: 'step', by: 1 });
      cx.job('walk', async () => {
        await when;
        return { type: 'step', by: 2 };
      });
      await when;
      seen.push(`woke in life ${incarnation}`);
      return accept('too late');
    },
    get: (state) => accept(state),
  },
});

/** Starts and, in time, the pauses between a failure and the next start, until a start succeeds. */
async function pausesOf(tries: number, ids: readonly string[]): Promise<readonly (readonly number[])[]> {
  const starts = ids.map((): number[] => []);
  const children = ids.map((id, i) => {
    const base = child(id, [], script('well', ...new Array<'badly'>(tries).fill('badly'), 'well'));
    const fresh: typeof base.fresh = (cx, args) => {
      starts[i]?.push(cx.nowMs());
      return base.fresh(cx, args);
    };
    return supervisor(
      `over-${id}`,
      { strategy: 'one_for_one', intensity: 99, periodMs: 3_600_000, backoff: { firstMs: 50, maxMs: 5_000 } },
      [worker({ ...base, fresh })],
    );
  });
  const world = await startWorld(children);
  for (const id of ids) await ends(world, `over-${id}/${id}`, 'crash');
  expect(world.clock.armed).toBe(ids.length);
  await world.clock.advance(3_600_000);
  expect(world.clock.armed).toBe(0);
  for (const id of ids) expect(lives(world, `over-${id}`)).toBe(`${id}${tries + 2}`);
  return starts.map((all) => all.slice(1).map((at, i) => at - (all[i] ?? 0)));
}

interface Share {
  weight: number;
}
type Train = Message & { readonly type: 'train' | 'save' | 'crash' | 'get' };

/** One of three that work on the same thing: what one learns is worth nothing without the others. */
const member = (name: string, released: unknown[]): ActorDefinition<Share, Train> => ({
  name,
  fresh: () => ({ weight: 0 }),
  decide: {
    train: (state) => {
      state.weight++;
      return accept();
    },
    save: (_state, _message, cx) => accept(cx.checkpoints().capture({ by: name })),
    crash: (state, _message, cx) => {
      state.weight = Number.NaN;
      cx.fail(new Error(`${name} fell`));
      return accept();
    },
    get: ({ weight }) => accept(weight),
  },
  rollback: {
    capture: ({ weight }) => ({ weight }),
    restore: (state, saved) => {
      state.weight = (saved as Share).weight;
      return state;
    },
    release: (saved) => void released.push(saved),
  },
});

const triadNames = ['tolaria', 'kasmina', 'tamiyo'] as const;

/** The tree that training runs in, with members that have a checkpoint at weight 1 and are at weight 2. */
async function trainedTriad(released: unknown[] = []) {
  const made = worldPorts();
  const [tolaria, kasmina, tamiyo] = triadNames.map((name) => [member(name, released), undefined] as const);
  const spec = trainingTree(kasmina as never, tamiyo as never, tolaria as never);
  const world: World = { ...made, system: await startSystem(spec, made.ports) };
  const ref = (name: string) => world.system.ref<Train>(`training/${name}`);
  const weights = () => triadNames.map((name) => ref(name).callNow({ type: 'get' }));
  const tell = async (type: Train['type'], ...names: readonly string[]) => {
    for (const name of names) ref(name).send({ type });
    await world.clock.settle();
  };
  await tell('train', ...triadNames);
  await tell('save', 'tolaria');
  await tell('train', ...triadNames);
  return { world, weights, tell, ref };
}

describe('additions', () => {
  conforms('backoff_between_restarts', async () => {
    const [pauses = [], others = []] = await pausesOf(12, ['a', 'b']);

    expect(pauses).toHaveLength(13);
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(50);
      expect(pause).toBeLessThanOrEqual(Math.min(5_000, 3 * Math.max(50, pauses[i - 1] ?? 0)) + 1e-6);
    }
    expect(Math.max(...pauses)).toBeGreaterThan(500);
    expect(new Set(pauses).size).toBeGreaterThan(6);
    expect(others).not.toEqual(pauses);
    expect(await pausesOf(12, ['a', 'b'])).toEqual([pauses, others]);
  });

  conforms('restart_rolls_back', async () => {
    const { world, weights, ref } = await trainedTriad();
    ref('kasmina').send({ type: 'crash' });
    const next = ref('kasmina').ask({ type: 'get' }, { withinMs: 1_000 });
    await world.clock.settle();

    expect(await next).toBe(1);
    expect(weights()).toEqual([1, 1, 1]);
    expect(world.metrics.value('esper_rollbacks_total', { supervisor: 'training' })).toBe(1);
  });

  conforms('mailbox_survives_restart', async () => {
    const seen: string[] = [];
    const world = await startWorld([
      worker(walker(seen)),
      worker({ ...walker(seen), name: 'mortal' }, { restart: 'temporary' }),
    ]);
    for (const name of ['walker', 'mortal']) {
      seen.length = 0;
      const ref = world.system.ref<Step>(`top/${name}`);
      ref.send({ type: 'step', by: 1 });
      ref.send({ type: 'bad', by: 2 });
      for (const by of [3, 4, 5]) ref.send({ type: 'step', by });
      const asked = ref.ask({ type: 'step', by: 6 }, { withinMs: 1_000 }).catch(({ code }) => code);
      await world.clock.settle();

      const [first, bad, ...rest] = seen;
      expect([first, bad]).toEqual(['1 in life 1', 'bad 2 in life 1']);
      if (name === 'walker') {
        expect(rest.filter((line) => !line.startsWith('bad'))).toEqual(
          [3, 4, 5, 6].map((by) => `${by} in life 3`),
        );
        expect(await asked).toBe(6);
      } else {
        expect(rest).toEqual([]);
        expect(await asked).toBe('ACTOR_GONE');
        const letters = world.system.deadLetters.recent().filter(({ to }) => to === 'top/mortal');
        expect(letters.map(({ message }) => (message as Step).by)).toEqual([2, 3, 4, 5, 6]);
        expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['stopped']));
      }
    }
  });

  conforms('poison_message', async () => {
    const seen: string[] = [];
    const world = await startWorld([worker(walker(seen))]);
    const ref = world.system.ref<Step>('top/walker');
    for (const by of [1, 2]) ref.send({ type: 'bad', by });
    ref.send({ type: 'step', by: 3 });
    const poisoned = ref.ask({ type: 'bad', by: 4 }, { withinMs: 1_000 }).catch(({ code }) => code);
    ref.send({ type: 'step', by: 5 });
    await world.clock.settle();

    expect(seen.filter((line) => line.startsWith('bad')).map((line) => line.split(' ')[1])).toEqual([
      ...['1', '1', '2', '2', '4', '4'],
    ]);
    expect(seen.filter((line) => !line.startsWith('bad'))).toEqual(['3 in life 5', '5 in life 7']);
    expect(await poisoned).toBe('ACTOR_CRASHED');
    expect(
      world.system.deadLetters.recent().map(({ reason, message }) => `${reason} ${(message as Step).by}`),
    ).toEqual(['poison 1', 'poison 2', 'poison 4']);
  });

  conforms('stale_incarnation', async () => {
    const seen: string[] = [];
    const gate = deferred<void>();
    const world = await startWorld([worker(walker(seen)), worker(child('b'))], { strategy: 'one_for_all' });
    const asked = world.system
      .ref<Step>('top/walker')
      .ask({ type: 'later', when: gate.promise }, { withinMs: 60_000 })
      .catch(({ code }) => code);
    await world.clock.settle();
    await ends(world, 'b', 'crash');
    await world.clock.advance(5_000); // the handler is waited for, as long as it may take to stop
    expect(lives(world)).toBe('walker2 b2');
    gate.resolve();
    await world.clock.advance(1_000);

    expect(seen).toEqual(['woke in life 1']);
    expect(await asked).toBe('ACTOR_CRASHED');
    expect(await refTo(world, 'walker').callNow({ type: 'get' })).toEqual([]);
  });

  conforms('max_children', async () => {
    const { world, handle } = await startPool(child('a'), { restart: 'temporary' }, { maxChildren: 3 });
    for (const id of ['x', 'y', 'z']) yes(await handle.start(undefined, { id }));
    expect(no(await handle.start(undefined, { id: 'w' }))).toBe('SUPERVISOR_POOL_FULL');
    expect(lives(world, 'pool')).toBe('x1 y1 z1');

    await handle.terminate('x');
    yes(await handle.start(undefined, { id: 'w' }));
    await ends(world, 'pool/y', 'normal');
    yes(await handle.start(undefined, { id: 'v' }));
    expect(lives(world, 'pool')).toBe('z1 w1 v1');
    expect(no(await handle.start())).toBe('SUPERVISOR_POOL_FULL');
  });

  conforms('restart_storm_global_budget', async () => {
    const { ports, clock, log, metrics } = worldPorts();
    const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 60_000 } as const;
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const spec = supervisor('top', flags, [
      ...ids.slice(0, 5).map((id) => supervisor(`over-${id}`, flags, [worker(child(id))])),
      pool('pool', worker(child('f')), flags),
    ]);
    const system = await startSystem(spec, { ...ports, restartBudget: { perMinute: 60, burst: 2 } });
    yes(await system.pool('top/pool').start(undefined, { id: 'f' }));
    const places = [...ids.slice(0, 5).map((id) => `top/over-${id}/${id}`), 'top/pool/f'];
    for (const path of places) system.ref(path).send({ type: 'end', way: 'crash' } as never);
    await clock.settle();

    const back = () => places.filter((path) => system.ref(path).incarnation === 2).length;
    const seen = [back()];
    for (let second = 0; second < 5; second++) {
      await clock.advance(1_000);
      seen.push(back());
    }
    expect(seen).toEqual([2, 3, 4, 5, 6, 6]);
    expect(system.tree().children.map(({ incarnation, lifecycle }) => `${incarnation} ${lifecycle}`)).toEqual(
      new Array(6).fill('1 ready'),
    );
    expect(metrics.value('esper_restarts_delayed_total')).toBe(4);
    expect(log.lines.filter(({ level, text }) => level === 'warn' && text.includes('budget'))).toHaveLength(
      4,
    );
  });

  // the tree is the real one; the real members are in test/actors/triad/rollback.test.ts
  conforms('triad_is_one_for_all', async () => {
    for (const fallen of triadNames) {
      const { world, weights, tell } = await trainedTriad();
      expect(weights()).toEqual([2, 2, 2]);
      await tell('crash', fallen);

      expect(weights(), fallen).toEqual([1, 1, 1]);
      const rolledBack = world.log.lines.filter(({ text }) => text === 'rolled back');
      expect(
        rolledBack.map(({ fields }) => fields.meta),
        fallen,
      ).toEqual([{ by: 'tolaria' }]);
    }
  });

  // with real tensors: test/actors/triad/garden-property.test.ts
  conforms('tensor_lease_released', async () => {
    const open = new Set<object>();
    const returned: object[] = [];
    const holder = (): ActorDefinition<object, Message, never, unknown> => ({
      ...(child('holder') as unknown as ActorDefinition<object, Message, never, unknown>),
      fresh: () => {
        const lease = {};
        open.add(lease);
        return lease;
      },
      stopped: (lease) => {
        returned.push(lease);
        open.delete(lease);
      },
    });
    const flags = { strategy: 'one_for_all', intensity: 1, periodMs: 60_000 } as const;
    const world = await startWorld([
      supervisor('inner', flags, [worker(holder(), { id: 'a' }), worker(holder(), { id: 'b' })]),
      pool('pool', worker(holder(), { args: undefined }), flags),
    ]);
    const handle = world.system.pool('top/pool');
    for (const id of ['x', 'y', 'z']) yes(await handle.start(undefined, { id }));
    for (const place of ['inner/a', 'inner/b', 'pool/x']) await ends(world, place, 'crash');
    await ends(world, 'inner/a', 'normal');
    await handle.terminate('y');
    expect(open.size).toBe(4);
    await world.system.stop();

    expect(open.size).toBe(0);
    expect(new Set(returned).size).toBe(returned.length);

    const released: unknown[] = [];
    const group = await trainedTriad(released);
    await group.tell('crash', 'tamiyo');
    await group.world.system.stop();
    expect(released).toHaveLength(triadNames.length);
    expect(new Set(released).size).toBe(triadNames.length);
  });

  conforms('escalation_never_exits_process_without_flush', async () => {
    const diary: string[] = [];
    const told: { world?: World } = {};
    const clock = () => (told.world as World).clock;
    const world = await startWorld(
      [
        worker(slow('a', diary, clock), { args: 3_000 }),
        supervisor('inner', { strategy: 'one_for_one', intensity: 0, periodMs: 1_000 }, [
          worker(slow('b', diary, clock), { args: 2_000 }),
          worker(child('c', diary)),
        ]),
      ],
      { intensity: 0 },
    );
    told.world = world;
    let over = false;
    void world.system.done.then(() => {
      over = true;
    });
    await ends(world, 'inner/c', 'crash');
    await world.clock.advance(4_999);
    expect(over).toBe(false);
    await world.clock.advance(1);

    expect(over).toBe(true);
    expect(diary).toEqual([
      ...['c starts', 'c ends (crashed)'],
      ...['b ends (shutdown) at 2000 ms', 'a ends (shutdown) at 5000 ms'],
    ]);
    expect(
      world.log.lines.filter(({ fields }) => fields.report === 'shutdown').length,
    ).toBeGreaterThanOrEqual(2);
  });
});
