/** An actor that hangs: told apart from one that is busy, and ended when its definition says how long is too long. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, worker } from '../../../runtime/index.ts';
import { deferred } from '../support/deferred.ts';
import { startWorld } from '../support/world.ts';

type Work = { readonly type: 'hang' } | { readonly type: 'quick' } | { readonly type: 'train' };

function hanger(
  gates: ReturnType<typeof deferred<void>>[],
  handleWithinMs?: number,
): ActorDefinition<number, Work, 'one'> {
  return {
    name: 'a',
    ...(handleWithinMs === undefined ? {} : { handleWithinMs }),
    fresh: () => 0,
    decide: {
      hang: async () => {
        const gate = deferred<void>();
        gates.push(gate);
        await gate.promise;
        return accept('done', 'one' as const);
      },
      quick: (count) => accept(count),
      train: (_count, _message, cx) => {
        cx.job('train', async (signal) => {
          for (let i = 0; i < 3; i++) {
            await Promise.resolve();
            cx.progress(5);
          }
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          return { type: 'quick' };
        });
        return accept();
      },
    },
    evolve: (count) => count + 1,
  };
}

const soon = { withinMs: 60_000 };

describe('a handler that hangs', () => {
  it('is a crash one tick after its limit; its asker is told, and the next life goes on with the mailbox', async () => {
    const gates: ReturnType<typeof deferred<void>>[] = [];
    const { system, clock } = await startWorld([worker(hanger(gates, 100))]);
    const ref = system.ref<Work>('top/a');
    const hung = ref.ask({ type: 'hang' }, soon);
    hung.catch(() => {});
    const next = ref.ask({ type: 'quick' }, soon);
    await clock.advance(110);

    await expect(hung).rejects.toMatchObject({ code: 'ACTOR_CRASHED', cause: { code: 'ACTOR_STALLED' } });
    expect(await next).toBe(0);
    expect(ref.incarnation).toBe(2);
    expect(system.deadLetters.counts()).toEqual({ stalled: 1 });
  });

  it('changes nothing when it comes back after all, nor is anybody answered twice', async () => {
    const gates: ReturnType<typeof deferred<void>>[] = [];
    const { system, clock } = await startWorld([worker(hanger(gates, 100))]);
    const ref = system.ref<Work>('top/a');
    ref.ask({ type: 'hang' }, soon).catch(() => {});
    await clock.advance(110);
    gates[0]?.resolve();
    await clock.settle();

    expect(await ref.ask({ type: 'quick' }, soon)).toBe(0);
    expect(system.deadLetters.counts()).toEqual({ stalled: 1 });
  });

  it('may take as long as it likes when nobody set a limit, and one that is done in time is left alone', async () => {
    const gates: ReturnType<typeof deferred<void>>[] = [];
    const { system, clock } = await startWorld([worker(hanger(gates, 1_000))]);
    const ref = system.ref<Work>('top/a');
    for (let i = 0; i < 5; i++) {
      const asked = ref.ask({ type: 'hang' }, soon);
      await clock.advance(900);
      gates[i]?.resolve();
      expect(await asked).toBe('done');
    }
    await clock.advance(5_000);

    expect(ref.incarnation).toBe(1);
    expect(await ref.ask({ type: 'quick' }, soon)).toBe(5);
  });
});

describe('progress', () => {
  it('tells stuck from busy', async () => {
    const gates: ReturnType<typeof deferred<void>>[] = [];
    const { system, clock } = await startWorld([worker(hanger(gates)), worker({ ...hanger([]), name: 'b' })]);
    await clock.advance(10);
    system.ref<Work>('top/a').send({ type: 'hang' });
    system.ref<Work>('top/a').send({ type: 'quick' });
    await clock.settle();
    const idle = system.tree().children[1]?.vitals;
    const busy = system.tree().children[0]?.vitals;
    await clock.advance(500);

    expect(idle?.busyMs).toBe(0);
    expect(busy).toMatchObject({ busyMs: 0, progress: { value: 1, atMs: 10 } });
    expect(system.stalled(400)).toEqual([{ path: 'top/a', busyMs: 500, quietMs: 500, mailbox: 1 }]);
    expect(system.stalled(501)).toEqual([]);
    gates[0]?.resolve();
    await clock.settle();
    expect(system.stalled(0).map(({ path }) => path)).not.toContain('top/a/never');
    expect(system.stalled(1)).toEqual([]);
  });

  it('counts in a job too, until the job makes none any more', async () => {
    const { system, clock } = await startWorld([worker(hanger([]))]);
    system.ref<Work>('top/a').send({ type: 'train' });
    await clock.advance(300);

    expect(system.tree().children[0]?.vitals?.progress.value).toBeGreaterThanOrEqual(15);
    await clock.advance(2_000);
    expect(system.stalled(1_000)).toMatchObject([{ path: 'top/a' }]);
  });
});
