/** What an older life began does not reach into a newer one. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, startSystem, supervisor, worker } from '../../../runtime/index.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld, worldPorts } from '../support/world.ts';

type Echo = { readonly type: 'later' } | { readonly type: 'ring' } | { readonly type: 'set' };

describe('an older life', () => {
  it('leaves no timer, no job and no reply behind, and its handlers have no more hands', async () => {
    const [gate, fuse] = [deferred<void>(), deferred<void>()];
    const heard: string[] = [];
    let beyond: number | null = 1;
    const actor: ActorDefinition<number, Echo, 'one'> = {
      name: 'a',
      fresh: (cx) => cx.incarnation,
      decide: {
        set: (life, _message, cx) => {
          cx.after(100, { type: 'ring' });
          cx.job('ring', () => gate.promise.then(() => ({ type: 'ring' }) as const));
          cx.job('fuse', () => fuse.promise.then(() => Promise.reject(new Error('blown'))));
          return accept(life);
        },
        ring: (life) => {
          heard.push(`ring in life ${life}`);
          return accept();
        },
        later: async (life, _message, cx) => {
          await gate.promise;
          cx.after(1, { type: 'ring' });
          cx.soon({ type: 'ring' });
          cx.job('ring', async () => ({ type: 'ring' }));
          cx.stop();
          cx.fail(new Error('from beyond'));
          cx.unstashAll();
          expect(() => cx.children()).toThrow(/is over/);
          expect(() => cx.rollback('from beyond')).toThrow(/is over/);
          expect(cx.stash()).toMatchObject({ refused: 'STASH_NOT_QUEUED' });
          beyond = cx.deadlineMs();
          return accept(`from life ${life}`);
        },
      },
    };
    const { system, clock } = await startWorld([worker(actor)]);
    const ref = system.ref<Echo>('top/a');
    expect(await ref.ask({ type: 'set' }, { withinMs: 1_000 })).toBe(1);
    const asked = ref.ask({ type: 'later' }, { withinMs: 60_000 });
    asked.catch(() => {});
    await clock.settle();
    fuse.resolve();
    await clock.settle();
    expect(ref.incarnation).toBe(2);
    gate.resolve();
    await clock.advance(1_000);

    await expect(asked).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
    expect(heard).toEqual([]);
    expect(beyond).toBeNull();
    expect(ref.incarnation).toBe(2);
  });
});

describe('a ref', () => {
  it('says which life of its node it belongs to', async () => {
    const { ports } = worldPorts();
    const idle: ActorDefinition<null, { type: 'nothing' }> = {
      name: 'a',
      fresh: () => null,
      decide: { nothing: () => accept() },
    };
    const tree = supervisor('top', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
      worker(idle),
    ]);
    const system = await startSystem(tree, { ...ports, node: { name: 'one', epoch: 7 } });

    expect(system.ref('top/a').epoch).toBe(7);
  });
});
