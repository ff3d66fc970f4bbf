/** How long somebody still waits, as the callee knows it and hands it on. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, worker } from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

type Ask = { readonly type: 'left' } | { readonly type: 'on'; readonly withinMs: number | 'inherit' };

function relay(name: string, next: string, waitMs = 0): ActorDefinition<null, Ask> {
  return {
    name,
    fresh: () => null,
    decide: {
      left: (_state, _message, cx) => accept(cx.deadlineMs()),
      on: async (_state, { withinMs }, cx) => {
        if (waitMs > 0) await new Promise<void>((resolve) => void waiting.push(resolve));
        return accept(await cx.ref<Ask>(next).ask({ type: 'left' }, { withinMs }));
      },
    },
  };
}
let waiting: (() => void)[] = [];

describe('a deadline', () => {
  it('is known to the callee, and null when nobody waits', async () => {
    const { system } = await startWorld([worker(relay('a', ''))]);
    const ref = system.ref<Ask>('top/a');

    expect(await ref.ask({ type: 'left' }, { withinMs: 1_000 })).toBe(1_000);
    expect(ref.callNow({ type: 'left' })).toEqual(null);
  });

  it.each([
    ['inherit', 500],
    [10_000, 500],
    [200, 200],
  ] as const)('caps what the callee asks within %s', async (withinMs, left) => {
    const { system } = await startWorld([worker(relay('a', 'top/b')), worker(relay('b', ''))]);

    expect(await system.ref<Ask>('top/a').ask({ type: 'on', withinMs }, { withinMs: 500 })).toBe(left);
  });

  it('that has passed lets nothing more be asked', async () => {
    waiting = [];
    const { system, clock } = await startWorld([worker(relay('a', 'top/b', 1)), worker(relay('b', ''))]);
    const asked = system.ref<Ask>('top/a').ask({ type: 'on', withinMs: 10_000 }, { withinMs: 100 });
    asked.catch(() => {});
    await clock.advance(200);
    for (const go of waiting) go();
    await clock.settle();

    await expect(asked).rejects.toMatchObject({ code: 'ACTOR_TIMEOUT' });
    expect(system.tree().children[1]?.handled).toBe(0);
  });

  it('cannot be inherited where there is none', async () => {
    const { system } = await startWorld([worker(relay('a', ''))]);

    await expect(
      system.ref<Ask>('top/a').ask({ type: 'left' }, { withinMs: 'inherit' }),
    ).rejects.toMatchObject({
      code: 'ACTOR_NO_DEADLINE',
    });
  });
});
