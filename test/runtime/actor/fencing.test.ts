/** What ends with a life, at once and with everything it had begun; and what does not. */
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type Cx,
  type Down,
  defineActor,
  type Message,
  worker,
} from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld } from '../support/world.ts';

type Work =
  | { readonly type: 'hang' }
  | { readonly type: 'note'; readonly n: number }
  | { readonly type: 'crash' };

/** Hangs until told otherwise; notes what it hears. */
function worker1(gate: Promise<void>, seen: number[] = []): ActorDefinition<number, Work> {
  return {
    name: 'a',
    fresh: (cx) => {
      cx.children().start(
        { ...counter('child'), light: true, stopped: () => {} },
        { id: `child${cx.incarnation}`, args: undefined },
      );
      return 0;
    },
    decide: {
      hang: async () => {
        await gate;
        seen.push(-1);
        return accept('late');
      },
      note: (_state, { n }) => {
        seen.push(n);
        return accept();
      },
      crash: (): never => {
        throw new Error('fell');
      },
    },
  };
}

describe('whoever asked an actor that is fenced', () => {
  const asked = async (
    spec: Parameters<typeof startWorld>[0],
    options: Parameters<typeof startWorld>[1] = {},
  ) => {
    const world = await startWorld(spec, options);
    const ask = world.system.ref<Work>('top/a').ask({ type: 'hang' }, { withinMs: 60_000 });
    const told: string[] = [];
    void ask.catch((error) => told.push(error.code));
    await world.clock.settle();
    return { ...world, told };
  };

  it('hears at once when it is killed', async () => {
    const { promise, resolve } = deferred<void>();
    const { system, clock, told } = await asked([worker(worker1(promise), { shutdown: 'brutal_kill' })]);
    await system.supervisor('top').terminate('a');
    await clock.settle();
    expect(told).toEqual(['ACTOR_CRASHED']);
    resolve();
    await clock.settle();

    expect(system.deadLetters.count()).toBe(0);
    expect(told).toHaveLength(1);
  });

  it('hears at once when it is abandoned, and its children do not outlive it', async () => {
    const { promise } = deferred<void>();
    const child = worker(worker1(promise), { shutdown: { withinMs: 100 } });
    const { system, clock, told } = await asked([child]);
    const terminated = system.supervisor('top').terminate('a');
    await clock.advance(100);
    await terminated;

    expect(told).toEqual(['ACTOR_CRASHED']);
    expect(system.ref('top/a/child1').incarnation).toBe(0);
  });

  it('hears at once when a sibling falls and all start anew', async () => {
    const { promise } = deferred<void>();
    const children = [worker(worker1(promise), { shutdown: 'brutal_kill' }), worker(counter('b'))];
    const { system, clock, told } = await asked(children, { strategy: 'one_for_all' });
    system.ref<CounterMessage>('top/b').send({ type: 'crash' });
    await clock.settle();

    expect(told).toEqual(['ACTOR_CRASHED']);
    expect(system.ref('top/a').incarnation).toBe(3); // the message that felled it had a second chance
  });
});

describe('a barrier that comes too late', () => {
  it('does not let a second message in while the first is still handled', async () => {
    const { promise, resolve } = deferred<void>();
    const seen: number[] = [];
    const rollback = {
      capture: (state: number) => state,
      restore: (_: number, saved: unknown) => saved as number,
    };
    const member = { ...worker1(promise, seen), rollback: { ...rollback, release: () => {} } };
    const { system, clock } = await startWorld([worker(member)], { onFailure: 'rollback' });
    const ref = system.ref<Work>('top/a');
    ref.send({ type: 'hang' });
    ref.send({ type: 'note', n: 1 });
    await clock.settle();
    const group = system.supervisor('top').checkpoints();
    if ('refused' in group) throw new Error('no group');
    const late = expect(group.barrier(null, { withinMs: 50 })).rejects.toMatchObject({
      code: 'ROLLBACK_BARRIER_LATE',
    });
    await clock.advance(50);
    await late;
    expect(seen).toEqual([]);
    resolve();
    await clock.settle();

    expect(seen).toEqual([-1, 1]);
  });
});

describe('a start that does not succeed', () => {
  it('leaves none of the children it had begun with', async () => {
    let tries = 0;
    const picky = {
      ...worker1(Promise.resolve()),
      fresh: (cx: Cx<Work>) => {
        cx.children().start({ ...counter('child'), light: true }, { id: 'child', args: undefined });
        if (++tries < 3) throw new Error('not yet');
        return 0;
      },
    };
    const { system } = await startWorld([worker(counter('b'))]);
    const top = system.supervisor('top');
    expect(await top.start(worker(picky))).toMatchObject({ refused: 'SUPERVISOR_CHILD_START_FAILED' });
    expect(system.ref('top/a/child').incarnation).toBe(0);
    expect(await top.start(worker(picky))).toMatchObject({ details: { reason: 'not yet' } });

    expect(await top.start(worker(picky))).toMatchObject({ ref: { path: 'top/a' } });
    expect(system.ref('top/a/child').incarnation).toBe(1);
  });

  it('is a failure when what it began fails before it is done', async () => {
    const { promise, resolve } = deferred<void>();
    const slow = defineActor({
      name: 'slow',
      async fresh(cx: Cx<Message>) {
        if (cx.incarnation > 1) return 'fine';
        cx.job('open', () => Promise.reject(new Error('locked')));
        await promise;
        return 'without its file';
      },
      decide: {},
    });
    const { system, clock } = await startWorld([worker(counter('b'))]);
    const started = system.supervisor('top').start(worker(slow));
    await clock.settle();
    resolve();
    await started;
    await clock.settle();

    expect(system.tree().children[1]).toMatchObject({ incarnation: 2, crashes: 1, lifecycle: 'ready' });
  });
});

it('a context whose actor has ended starts nothing any more', async () => {
  let left: Cx<Message> | null = null;
  const leaver = defineActor({
    name: 'leaver',
    fresh: (cx: Cx<Message>) => {
      left = cx;
    },
    decide: {},
  });
  const { system, clock } = await startWorld([worker(leaver)]);
  await system.supervisor('top').terminate('leaver');
  const cx = left as unknown as Cx<Message>;
  cx.after(1_000, { type: 'x' });
  cx.job('x', () => Promise.resolve({ type: 'x' }));
  expect(() => cx.children()).toThrow(expect.objectContaining({ code: 'ACTOR_GONE' }));

  expect(clock.armed).toBe(0);
});

it('an actor that falls goes on watching when its group goes back, as its siblings do', async () => {
  const heard: string[] = [];
  const watcher: ActorDefinition<number, { readonly type: 'crash' } | Down> = {
    name: 'w',
    fresh: (cx) => {
      cx.watch(cx.ref('top/b'));
      return 0;
    },
    decide: {
      crash: (): never => {
        throw new Error('fell');
      },
      'runtime.down': (_state, { path, reason }) => {
        heard.push(`${path} ${reason.kind}`);
        return accept();
      },
    },
    rollback: { capture: (state) => state, restore: (_, saved) => saved as number, release: () => {} },
  };
  const children = [worker(counter('b'), { restart: 'temporary' }), worker(watcher)];
  const { system, clock } = await startWorld(children, { onFailure: 'rollback' });
  const group = system.supervisor('top').checkpoints();
  if ('refused' in group) throw new Error('no group');
  group.capture();
  expect(() => system.ref<{ type: 'crash' }>('top/w').callNow({ type: 'crash' })).toThrow();
  system.ref<CounterMessage>('top/b').send({ type: 'finish' });
  await clock.settle();

  expect(system.ref('top/w').incarnation).toBe(2);
  expect(heard).toEqual(['top/b normal']);
});
