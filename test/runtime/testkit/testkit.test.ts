/** The test kit, tested: what it says happened is what a real system does. */
import { describe, expect, it } from 'vitest';
import { accept, type Cx, defineActor, refuse, type SupervisorSpec, worker } from '../../../runtime/index.ts';
import { decide, probe, testSystem } from '../../../runtime/testkit/index.ts';

type Tea =
  | { readonly type: 'brew'; readonly cups: number }
  | { readonly type: 'done'; readonly cups: number }
  | { readonly type: 'taste' };
type Served = { readonly type: 'served'; readonly cups: number };

const kettle = defineActor<{ readonly brewed: number }, Tea, { readonly cups: number }>({
  name: 'kettle',
  fresh: () => ({ brewed: 0 }),
  decide: {
    brew: (_, { cups }, cx: Cx<Tea>) => {
      if (cups > 10) return refuse('KETTLE_TOO_SMALL', { cups });
      cx.after(3_000, { type: 'done', cups });
      return accept('soon');
    },
    done: (_, { cups }, cx) => {
      cx.ref<Served>('test/table').send({ type: 'served', cups });
      return accept(undefined, { cups });
    },
    taste: async ({ brewed }, _, cx) =>
      accept(
        await cx
          .ref<{ type: 'judge'; brewed: number }>('test/table')
          .ask({ type: 'judge', brewed }, { withinMs: 10 }),
      ),
  },
  evolve: ({ brewed }, { cups }) => ({ brewed: brewed + cups }),
});

describe('decide, in one call', () => {
  it('tells the reply and what was done besides', async () => {
    const { reply, refusal, state, effects } = await decide(kettle, { brewed: 1 }, { type: 'brew', cups: 2 });

    expect([reply, refusal, state]).toEqual(['soon', null, { brewed: 1 }]);
    expect(effects).toEqual([{ did: 'after', delayMs: 3_000, message: { type: 'done', cups: 2 } }]);
  });

  it('evolves the state by the events', async () => {
    const { events, state, effects } = await decide(kettle, { brewed: 1 }, { type: 'done', cups: 2 });

    expect(events).toEqual([{ cups: 2 }]);
    expect(state).toEqual({ brewed: 3 });
    expect(effects).toEqual([{ did: 'send', to: 'test/table', message: { type: 'served', cups: 2 } }]);
  });

  it('tells a refusal, with the state as it was', async () => {
    const { refusal, state } = await decide(kettle, { brewed: 1 }, { type: 'brew', cups: 11 });

    expect(refusal).toEqual({ refused: 'KETTLE_TOO_SMALL', details: { cups: 11 } });
    expect(state).toEqual({ brewed: 1 });
  });

  it('answers asks as the test says, and calls a question nobody expected a mistake', async () => {
    const answers = { 'test/table': 'bitter' };

    expect((await decide(kettle, { brewed: 4 }, { type: 'taste' }, { answers })).reply).toBe('bitter');
    await expect(decide(kettle, { brewed: 4 }, { type: 'taste' })).rejects.toThrow('gave no answer');
  });
});

describe('decide, where a real actor would crash or bury the message', () => {
  const { evolve: _, ...stiff } = kettle;

  it('says that events without evolve are a mistake', async () => {
    await expect(decide(stiff, { brewed: 1 }, { type: 'done', cups: 2 })).rejects.toThrow('no evolve');
  });

  it.each(['unheard', 'constructor'])('says that %s is not understood', async (type) => {
    const message = { type } as unknown as Tea;

    await expect(decide(kettle, { brewed: 1 }, message)).rejects.toThrow('does not understand');
  });

  it('takes whatever evolve makes of the state, null too', async () => {
    const cleared = { ...kettle, evolve: () => null as never };

    expect((await decide(cleared, { brewed: 1 }, { type: 'done', cups: 2 })).state).toBeNull();
  });
});

describe('a system on virtual time', () => {
  it('moves only when told, and the probe says what arrived', async () => {
    const table = probe<Served>('table');
    const { system, advance } = await testSystem([worker(kettle), table.spec]);
    system.ref<Tea>('test/kettle').send({ type: 'brew', cups: 2 });

    await advance(2_999);
    table.expectNothing();
    await advance(1);
    expect(table.take('served').cups).toBe(2);
    table.expectNothing();
    await system.stop();
  });

  it('lets the probe answer', async () => {
    const table = probe<Served>('table');
    table.answer(({ brewed }: { brewed: number }) => `${brewed} cups, fine`);
    const { system, settle } = await testSystem([worker(kettle), table.spec]);
    const asked = system.ref<Tea>('test/kettle').ask({ type: 'taste' }, { withinMs: 1_000 });
    await settle();

    expect(await asked).toBe('0 cups, fine');
    expect(() => table.take('served')).toThrow('judge');
  });

  it('tells the same story for the same seed', async () => {
    const draws = async (seed: number) => {
      const dice = defineActor<number, { readonly type: 'roll' }>({
        name: 'dice',
        fresh: () => 0,
        decide: { roll: (_, __, cx) => accept(cx.random.next()) },
      });
      const { system, settle } = await testSystem([worker(dice)], { seed });
      const rolled = system
        .ref<{ type: 'roll' }>('test/dice')
        .ask<number>({ type: 'roll' }, { withinMs: 10 });
      await settle();
      return rolled;
    };

    expect(await draws(5)).toBe(await draws(5));
    expect(await draws(5)).not.toBe(await draws(6));
  });

  it('takes any strategy', async () => {
    const { system } = await testSystem([worker(kettle)], {
      strategy: 'one_for_all',
      intensity: 0,
    } satisfies Partial<SupervisorSpec>);
    expect(system.tree().children).toHaveLength(1);
  });
});
