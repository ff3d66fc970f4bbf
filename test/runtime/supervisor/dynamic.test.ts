/** Children on demand: light cells under one actor, each with its own budget of restarts. */
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type DynamicOptions,
  ignore,
  type Message,
  type SystemPorts,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { type CounterEvent, type CounterMessage, counter } from '../support/counter.ts';
import { startWorld, worldPorts } from '../support/world.ts';

type GardenMessage =
  | { readonly type: 'plant'; readonly id: string; readonly heavy?: boolean }
  | { readonly type: 'pull'; readonly id: string }
  | { readonly type: 'ids' }
  | { readonly type: 'crash' };

function garden(diary: string[], options: DynamicOptions = {}): ActorDefinition<null, GardenMessage> {
  return {
    name: 'garden',
    fresh: () => null,
    decide: {
      plant: (_state, { id, heavy = false }, cx) => {
        const ref = cx
          .children(options)
          .start({ ...counter(id, diary), light: !heavy }, { id, args: undefined });
        return accept(ref.path);
      },
      pull: (_state, { id }, cx) => {
        cx.children().stop(id);
        return accept();
      },
      ids: (_state, _message, cx) => accept(cx.children().ids()),
      crash: () => {
        throw new Error('frost');
      },
    },
  };
}

async function planted(options: DynamicOptions = {}) {
  const diary: string[] = [];
  const world = await startWorld([worker(garden(diary, options))]);
  const parent = world.system.ref<GardenMessage>('top/garden');
  parent.callNow({ type: 'plant', id: 's1' });
  parent.callNow({ type: 'plant', id: 's2' });
  return { ...world, diary, parent, seed: world.system.ref<CounterMessage>('top/garden/s1') };
}

describe('a dynamic supervisor', () => {
  it('starts a child at once, below its parent', async () => {
    const { parent, seed, system } = await planted();
    seed.callNow({ type: 'add', by: 2 });

    expect(seed.callNow({ type: 'get' })).toBe(2);
    expect(parent.callNow({ type: 'ids' })).toEqual(['s1', 's2']);
    expect(system.tree().children[0]?.children.map(({ path }) => path)).toEqual([
      'top/garden/s1',
      'top/garden/s2',
    ]);
  });

  it('restarts a child in place; its parent and siblings do not notice', async () => {
    const { seed, parent, diary } = await planted();
    expect(() => seed.callNow({ type: 'crash' })).toThrow();

    expect(seed.incarnation).toBe(2);
    expect(parent.incarnation).toBe(1);
    expect(diary).toEqual(['s1 starts', 's2 starts', 's1 ends (crashed)', 's1 starts']);
  });

  it('gives a child up that falls too often, and the parent goes on', async () => {
    const givenUp: string[] = [];
    const { seed, parent } = await planted({ intensity: 1, onGiveUp: (id) => void givenUp.push(id) });
    for (let i = 0; i < 2; i++) expect(() => seed.callNow({ type: 'crash' })).toThrow();

    expect(givenUp).toEqual(['s1']);
    expect(parent.callNow({ type: 'ids' })).toEqual(['s2']);
    expect(() => seed.callNow({ type: 'get' })).toThrow(expect.objectContaining({ code: 'ACTOR_GONE' }));
  });

  it('stops children by id, and all of them, newest first, with their parent', async () => {
    const { parent, diary, system } = await planted();
    parent.callNow({ type: 'plant', id: 's3' });
    parent.callNow({ type: 'pull', id: 's2' });
    await system.stop();

    expect(diary.slice(3)).toEqual(['s2 ends (shutdown)', 's3 ends (shutdown)', 's1 ends (shutdown)']);
  });

  it('does not recreate children when the parent restarts', async () => {
    const { parent, clock, system } = await planted();
    parent.send({ type: 'crash' });
    await clock.settle();

    expect(parent.callNow({ type: 'ids' })).toEqual([]);
    expect(system.ref<Message>('top/garden/s1').send({ type: 'get' })).toBe(false);
  });

  it.each([
    ['DYNAMIC_ID_TAKEN', { type: 'plant', id: 's1' }, {}],
    ['DYNAMIC_NOT_LIGHT', { type: 'plant', id: 's9', heavy: true }, {}],
    ['DYNAMIC_FULL', { type: 'plant', id: 's9' }, { maxChildren: 2 }],
  ] as const)('says %s', async (code, message, options) => {
    const { parent } = await planted(options);

    expect(() => parent.callNow(message)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code }) }),
    );
  });
});

describe('a child on demand', () => {
  /** Starts one child of `definition`; what it may do is up to the test. */
  async function parentOf(
    definition: ActorDefinition<number, CounterMessage, CounterEvent>,
    options: DynamicOptions = {},
    spec: Parameters<typeof worker>[1] = {},
    ports: Partial<SystemPorts> = {},
  ) {
    const made = worldPorts();
    const parent: ActorDefinition<null, { readonly type: 'crash' }> = {
      name: 'p',
      fresh: (cx) => {
        cx.children(options).start({ ...definition, light: true }, { id: 'c', args: undefined });
        return null;
      },
      decide: {
        crash: () => {
          throw new Error('the parent fell');
        },
      },
    };
    const flags = { strategy: 'one_for_one', intensity: 100, periodMs: 60_000 } as const;
    const system = await startSystem(supervisor('top', flags, [worker(parent, spec)]), {
      ...made.ports,
      ...ports,
    });
    return { ...made, system, child: system.ref<CounterMessage>('top/p/c') };
  }

  it('waits longer before each restart when its parent says so; its mailbox waits with it', async () => {
    const backoff = { firstMs: 100, maxMs: 1_000, factor: 2, jitter: 0 };
    const { child, clock, system } = await parentOf(counter('c'), { backoff });
    child.send({ type: 'crash' });
    await clock.advance(99);
    expect(system.tree().children[0]?.children[0]).toMatchObject({ lifecycle: 'restarting', incarnation: 1 });
    const asked = child.ask({ type: 'get' }, { withinMs: 5_000 });
    await clock.advance(1);
    expect(child.incarnation).toBe(2); // and falls again, of the same message
    await clock.advance(199);
    expect(child.incarnation).toBe(2);
    await clock.advance(1);

    expect(child.incarnation).toBe(3);
    expect(await asked).toBe(0);
  });

  it('leaves no timer behind when its parent ends in between', async () => {
    const { child, clock, system } = await parentOf(counter('c'), {
      backoff: { firstMs: 500, maxMs: 1_000 },
    });
    child.send({ type: 'crash' });
    await clock.settle();
    expect(clock.armed).toBe(1);
    await system.stop();

    expect(clock.armed).toBe(0);
  });

  it('draws on the restart budget of its node like everybody else', async () => {
    const budget = { restartBudget: { perMinute: 60, burst: 1 } };
    const { child, clock, metrics } = await parentOf(counter('c'), {}, {}, budget);
    child.send({ type: 'crash' });
    await clock.settle();
    expect(child.incarnation).toBe(2); // the only token; its second fall waits for the next
    await clock.advance(999);
    expect(child.incarnation).toBe(2);
    await clock.advance(1);

    expect(child.incarnation).toBe(3);
    expect(metrics.value('esper_restarts_delayed_total')).toBe(1);
  });

  it('has the patience its parent gives it, or none at all', async () => {
    const diary: string[] = [];
    const hanging = { ...counter('c', diary), stopped: () => new Promise<void>(() => {}) };
    const slow = await parentOf(hanging, { shutdown: { withinMs: 70 } });
    const stopped = slow.system.stop();
    await slow.clock.advance(69);
    expect(slow.child.incarnation).toBe(1);
    await slow.clock.advance(1);
    await stopped;
    const killed = await parentOf(hanging, { shutdown: 'brutal_kill' });
    await killed.system.stop();

    expect(slow.child.incarnation).toBe(0);
    expect(killed.child.incarnation).toBe(0);
    expect(killed.clock.armed).toBe(0);
  });

  it('is killed with a parent that takes too long, and its id is free for the next life at once', async () => {
    const hanging = { ...counter('c'), stopped: () => new Promise<void>(() => {}) };
    const { system, clock, child } = await parentOf(hanging, {}, { shutdown: { withinMs: 50 } });
    const first = system.supervisor('top').terminate('p');
    await clock.advance(50);
    expect(await first).toBe(null);
    expect(child.incarnation).toBe(0);
    await system.supervisor('top').restart('p');

    expect(child.incarnation).toBe(1);
    expect(clock.armed).toBe(0);
  });

  it('that does not want to run leaves no place behind', async () => {
    const shy = { ...counter('c'), fresh: () => ignore as never };
    const { system } = await parentOf(shy);

    expect(system.tree().children[0]?.children).toEqual([]);
    expect(system.ref('top/p/c').send({ type: 'get' })).toBe(false);
  });

  it('crashes its parent when what the parent does about a child that is given up goes wrong', async () => {
    const onGiveUp = () => {
      throw new Error('who was that?');
    };
    const { child, clock, system } = await parentOf(counter('c'), { intensity: 0, onGiveUp });
    child.send({ type: 'crash' });
    await clock.settle();

    expect(system.tree().children[0]).toMatchObject({ crashes: 1, incarnation: 2, lifecycle: 'ready' });
    expect(await Promise.all([child.ask({ type: 'get' }, { withinMs: 100 }), clock.settle()])).toMatchObject([
      0,
      undefined,
    ]);
  });
});
