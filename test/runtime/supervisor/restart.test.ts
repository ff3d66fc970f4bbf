/** OTP's matrix: which children come back, in which order, and when their supervisor gives up. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, type Message, supervisor, worker } from '../../../runtime/index.ts';
import { counter } from '../support/counter.ts';
import { startWorld, type World } from '../support/world.ts';

const tell = async ({ system, clock }: World, id: string, type: string) => {
  system.ref(`top/${id}`).send({ type });
  await clock.settle();
};
/** One crash, not two: the failure comes from outside a message. */
const fails = (name: string, diary: string[]): ActorDefinition<number, Message> => {
  const base = counter(name, diary);
  return {
    name,
    fresh: () => base.fresh({} as never) as number,
    decide: {
      fail: (_state, _message, cx) => {
        cx.fail(new Error(`${name} fell`));
        return accept();
      },
    },
    stopped: (state, reason) => base.stopped?.(state, reason),
  };
};
const trio = (diary: string[]) => ['a', 'b', 'c'].map((name) => worker(fails(name, diary)));

describe('a child', () => {
  it.each([
    ['permanent', 'finish', 2],
    ['permanent', 'crash', 3],
    ['transient', 'finish', 0],
    ['transient', 'crash', 3],
    ['temporary', 'finish', 0],
    ['temporary', 'crash', 0],
  ] as const)('that is %s, after %s, is in incarnation %i', async (restart, type, incarnation) => {
    const world = await startWorld([worker(counter('a'), { restart })]);
    await tell(world, 'a', type);

    expect(world.system.ref('top/a').incarnation).toBe(incarnation);
  });
});

describe('a strategy', () => {
  const story = async (strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one') => {
    const diary: string[] = [];
    const world = await startWorld(trio(diary), { strategy });
    diary.length = 0;
    await tell(world, 'b', 'fail');
    return diary.join(', ');
  };

  it('one_for_one restarts the dead one', async () => {
    expect(await story('one_for_one')).toBe('b ends (crashed), b starts');
  });

  it('one_for_all stops all in reverse and starts all in order', async () => {
    expect(await story('one_for_all')).toBe(
      'c ends (shutdown), b ends (crashed), a ends (shutdown), a starts, b starts, c starts',
    );
  });

  it('rest_for_one leaves alone what the dead one leans on', async () => {
    expect(await story('rest_for_one')).toBe('c ends (shutdown), b ends (crashed), b starts, c starts');
  });

  it('does not bring a temporary bystander back', async () => {
    const world = await startWorld(
      [worker(fails('a', [])), worker(fails('b', []), { restart: 'temporary' })],
      { strategy: 'one_for_all' },
    );
    await tell(world, 'a', 'fail');

    expect(world.system.tree().children.map(({ id }) => id)).toEqual(['a']);
  });
});

describe('intensity', () => {
  it('lets the supervisor give up at one restart too many, and the system ends with the reason', async () => {
    const world = await startWorld(trio([]), { intensity: 2, periodMs: 1_000 });
    for (let i = 0; i < 3; i++) await tell(world, 'b', 'fail');

    expect(await world.system.done).toMatchObject({ kind: 'crashed', error: { code: 'SUPERVISOR_GAVE_UP' } });
    expect(world.system.ref('top/a').send({ type: 'fail' })).toBe(false);
  });

  it('forgets restarts that left the window', async () => {
    const world = await startWorld(trio([]), { intensity: 1, periodMs: 1_000 });
    for (let i = 0; i < 4; i++) {
      await tell(world, 'b', 'fail');
      await world.clock.advance(1_001);
    }

    expect(world.system.ref('top/b').incarnation).toBe(5);
  });

  it('counts a start that fails, and the asker of the dead tree hears at once', async () => {
    let starts = 0;
    const stillborn: ActorDefinition<null, Message> = {
      name: 'stillborn',
      fresh() {
        if (starts++ > 0) throw new Error('no second life');
        return null;
      },
      decide: {
        fail: () => {
          throw new Error('fell');
        },
      },
    };
    const world = await startWorld([worker(stillborn)], { intensity: 3 });
    const asked = world.system.ref('top/stillborn').ask({ type: 'fail' }, { withinMs: 1_000 });
    await expect(asked).rejects.toMatchObject({ code: 'ACTOR_GONE' });

    expect(starts).toBe(4);
  });
});

describe('escalation', () => {
  it('restarts the inner tree under the outer strategy, refs stay valid', async () => {
    const diary: string[] = [];
    const inner = supervisor(
      'inner',
      { strategy: 'one_for_one', intensity: 0, periodMs: 1_000 },
      trio(diary),
    );
    const world = await startWorld([inner, worker(fails('d', diary))]);
    const ref = world.system.ref('top/inner/b');
    diary.length = 0;
    ref.send({ type: 'fail' });
    await world.clock.settle();

    expect(diary.join(', ')).toBe(
      'c ends (shutdown), b ends (crashed), a ends (shutdown), a starts, b starts, c starts',
    );
    expect(ref.incarnation).toBe(2);
    expect(world.system.tree().children.map(({ id, incarnation }) => [id, incarnation])).toEqual([
      ['inner', 2],
      ['d', 1],
    ]);
  });

  it('climbs through any depth to the root', async () => {
    const limits = { strategy: 'one_for_one', intensity: 0, periodMs: 1_000 } as const;
    const deep = supervisor('l1', limits, [supervisor('l2', limits, [worker(fails('a', []))])]);
    const world = await startWorld([deep], { intensity: 0 });
    for (let i = 0; i < 1; i++) world.system.ref('top/l1/l2/a').send({ type: 'fail' });

    expect(await world.system.done).toMatchObject({ kind: 'crashed' });
  });
});

describe('back-off', () => {
  it('waits before the next life, longer each time; the mailbox waits with it', async () => {
    const backoff = { firstMs: 100, maxMs: 1_000, factor: 2, jitter: 0 };
    const world = await startWorld([worker(fails('a', []))], { backoff });
    const ref = world.system.ref('top/a');
    await tell(world, 'a', 'fail');
    await world.clock.advance(99);
    expect(ref.incarnation).toBe(1);
    await world.clock.advance(1);
    expect(ref.incarnation).toBe(2);
    await tell(world, 'a', 'fail');
    await world.clock.advance(199);
    expect(ref.incarnation).toBe(2);
    await world.clock.advance(1);

    expect(ref.incarnation).toBe(3);
  });

  it('leaves no timer behind when the system stops in between', async () => {
    const world = await startWorld([worker(fails('a', []))], { backoff: { firstMs: 100, maxMs: 1_000 } });
    await tell(world, 'a', 'fail');
    await world.system.stop();

    expect(world.clock.armed).toBe(0);
  });
});

describe('significant children', () => {
  const pair = (autoShutdown: 'any_significant' | 'all_significant') =>
    supervisor(
      'pair',
      { strategy: 'one_for_one', intensity: 9, periodMs: 1_000, autoShutdown, restart: 'transient' },
      [
        worker(counter('a'), { restart: 'transient', significant: true }),
        worker(counter('b'), { restart: 'transient', significant: true }),
      ],
    );
  const alive = (world: World) => world.system.tree().children.length;

  it('any_significant: the first that ends ends its supervisor', async () => {
    const world = await startWorld([pair('any_significant')]);
    await tell(world, 'pair/a', 'finish');

    expect(alive(world)).toBe(0);
  });

  it('all_significant: the last one does', async () => {
    const world = await startWorld([pair('all_significant')]);
    await tell(world, 'pair/a', 'finish');
    expect(alive(world)).toBe(1);
    await tell(world, 'pair/b', 'finish');

    expect(alive(world)).toBe(0);
  });
});
