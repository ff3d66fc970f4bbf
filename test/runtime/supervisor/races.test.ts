/** Two things that happen to one child at once: the later word counts, and nothing is left behind. */
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type Down,
  type OwnedHooks,
  type Owner,
  pool,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld, worldPorts } from '../support/world.ts';

const flags = { strategy: 'one_for_one', intensity: 3, periodMs: 1_000 } as const;

describe('a child that is terminated by hand', () => {
  it('while it ends by itself does not come back', async () => {
    const { promise, resolve } = deferred<void>();
    const { system, clock } = await startWorld([
      worker({ ...counter('a'), stopped: () => promise }),
      worker(counter('b')),
    ]);
    system.ref<CounterMessage>('top/a').send({ type: 'finish' });
    await clock.settle();
    const terminated = system.supervisor('top').terminate('a');
    resolve();
    expect(await terminated).toBe(null);
    await clock.settle();

    expect(system.supervisor('top').child('a')).toMatchObject({ state: 'undefined', ref: null });
    expect(system.supervisor('top').count()).toMatchObject({ active: 1 });
  });
});

/** A tree of existence whose places are given when the test says so, and can be taken away. */
function landlord(wait: Promise<void>) {
  const held = new Map<string, OwnedHooks>();
  const own = async (name: string, hooks: OwnedHooks): Promise<Owner> => {
    if (name === 'late') await wait;
    held.set(name, hooks);
    return {
      own,
      release: async () => {
        if (held.delete(name)) hooks.destroyed();
      },
    };
  };
  const root: Owner = { own, release: async () => {} };
  const takeAway = (name: string) => {
    const hooks = held.get(name);
    held.delete(name);
    hooks?.destroyed();
  };
  return { ownership: { root, close: async () => {} }, held, takeAway };
}

const late = (kind: string) => {
  if (kind === 'worker') return worker(counter('late'));
  if (kind === 'pool') return pool('late', worker(counter('x')), { intensity: 1, periodMs: 1 });
  return supervisor('late', flags, []);
};

describe('a place in the tree of existence', () => {
  it.each(['worker', 'supervisor', 'pool'])(
    'that comes when its %s is gone already is given back',
    async (kind) => {
      const { promise, resolve } = deferred<void>();
      const { ownership, held } = landlord(promise);
      const made = worldPorts();
      const system = await startSystem(supervisor('top', flags, []), { ...made.ports, ownership });
      const started = system.supervisor('top').start(late(kind));
      await made.clock.settle();
      const terminated = system.supervisor('top').terminate('late');
      resolve();
      await terminated;
      expect(await started).toMatchObject({ refused: 'SUPERVISOR_CHILD_START_FAILED' });
      await made.clock.settle();

      expect([...held.keys()]).toEqual(['top']);
      await system.stop();
    },
  );

  it.each(['permanent', 'transient', 'temporary'] as const)(
    'that is taken away counts as a kill: a %s child is dealt with as one',
    async (restart) => {
      const { ownership, held, takeAway } = landlord(Promise.resolve());
      const diary: string[] = [];
      const watched: unknown[] = [];
      const watcher: ActorDefinition<void, Down> = {
        name: 'w',
        fresh: (cx) => cx.watch(cx.ref('top/a')),
        decide: {
          'runtime.down': (_state, message) => {
            watched.push(message.reason);
            return accept();
          },
        },
      };
      const made = worldPorts();
      const plan = supervisor('top', flags, [worker(counter('a', diary), { restart }), worker(watcher)]);
      const system = await startSystem(plan, { ...made.ports, ownership });
      takeAway('a');
      await made.clock.settle();

      const back = restart !== 'temporary';
      expect(diary).toEqual(back ? ['a starts', 'a starts'] : ['a starts']); // nobody is asked in a kill
      expect(watched).toMatchObject([{ kind: 'killed' }]);
      expect(system.ref('top/a').incarnation).toBe(back ? 2 : 0);
      expect(held.has('a')).toBe(back);
      await system.stop();
    },
  );

  it('that is taken away from a tree or a pool makes them start anew', async () => {
    const { ownership, held, takeAway } = landlord(Promise.resolve());
    const diary: string[] = [];
    const made = worldPorts();
    const children = [
      supervisor('inner', flags, [worker(counter('a', diary))]),
      pool('crowd', worker(counter('x')), { intensity: 1, periodMs: 1 }),
    ];
    const system = await startSystem(supervisor('top', flags, children), { ...made.ports, ownership });
    takeAway('inner');
    takeAway('crowd');
    await made.clock.settle();

    expect(diary).toEqual(['a starts', 'a ends (shutdown)', 'a starts']);
    expect(system.tree().children.map(({ incarnation, lifecycle }) => [incarnation, lifecycle])).toEqual([
      [2, 'ready'],
      [2, 'ready'],
    ]);
    expect(held.has('inner') && held.has('crowd')).toBe(true);
    takeAway('top');
    expect(await system.done).toMatchObject({ kind: 'killed' });
  });
});

it('a supervisor that is about to come back says so', async () => {
  const { promise, resolve } = deferred<void>();
  const inner = supervisor('inner', { ...flags, intensity: 0 }, [worker(counter('a'))]);
  const slow = { ...counter('b'), fresh: () => (waits ? promise.then(() => 0) : 0) };
  let waits = false;
  const { system, clock } = await startWorld([worker(slow), inner], { strategy: 'one_for_all' });
  waits = true;
  system.ref<CounterMessage>('top/inner/a').send({ type: 'crash' });
  await clock.settle();

  const handle = system.supervisor('top/inner');
  expect(handle.count()).toMatchObject({ refused: 'SUPERVISOR_RESTARTING', details: { path: 'top/inner' } });
  resolve();
  await clock.settle();
  expect(handle.count()).toMatchObject({ active: 1 });
  await system.stop();
  expect(handle.count()).toMatchObject({ refused: 'SUPERVISOR_GONE' });
});
