/** Putting a message aside: until the actor says so, through a restart, and never for ever without a word. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, isRefusal, worker } from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

type DoorMessage =
  | { readonly type: 'pass'; readonly n: number }
  | { readonly type: 'open' }
  | { readonly type: 'crash' };

/** Lets nobody through until it is open; afterwards everybody in the order they came. */
function door(seen: number[], stash?: number): ActorDefinition<{ open: boolean }, DoorMessage, 'opened'> {
  return {
    name: 'door',
    ...(stash === undefined ? {} : { stash }),
    fresh: () => ({ open: false }),
    decide: {
      pass: async ({ open }, { n }, cx) => {
        await Promise.resolve();
        if (!open) return cx.stash();
        seen.push(n);
        return accept(n);
      },
      open: (_state, _message, cx) => {
        cx.unstashAll();
        return accept(undefined, 'opened' as const);
      },
      crash: () => {
        throw new Error('slammed');
      },
    },
    evolve: () => ({ open: true }),
  };
}

const soon = { withinMs: 1_000 };
const pass = (n: number) => ({ type: 'pass', n }) as const;

describe('a stash', () => {
  it('keeps messages until they are put back, in order and before all others; askers wait', async () => {
    const seen: number[] = [];
    const { system, clock } = await startWorld([worker(door(seen))]);
    const ref = system.ref<DoorMessage>('top/door');
    ref.send(pass(1));
    const asked = ref.ask(pass(2), soon);
    await clock.settle();
    ref.send({ type: 'open' });
    ref.send(pass(3));
    await clock.settle();

    expect(seen).toEqual([1, 2, 3]);
    expect(await asked).toBe(2);
  });

  it('leaves an asker its deadline', async () => {
    const { system, clock } = await startWorld([worker(door([]))]);
    const late = system.ref<DoorMessage>('top/door').ask(pass(1), soon);
    late.catch(() => {});
    await clock.advance(1_050);

    await expect(late).rejects.toMatchObject({ code: 'ACTOR_TIMEOUT' });
  });

  it('refuses what it has no room for', async () => {
    const { system, clock } = await startWorld([worker(door([], 1))]);
    const ref = system.ref<DoorMessage>('top/door');
    ref.send(pass(1));
    const second = ref.ask(pass(2), soon);
    second.catch(() => {});
    await clock.settle();

    await expect(second).rejects.toMatchObject({ details: { refused: 'STASH_FULL' } });
    expect(system.tree().children[0]?.mailbox).toBe(1);
  });

  it('is put back when its actor falls: the next life sees all of it again, in order', async () => {
    const seen: number[] = [];
    const { system, clock } = await startWorld([worker(door(seen))]);
    const ref = system.ref<DoorMessage>('top/door');
    for (const n of [1, 2]) ref.send(pass(n));
    ref.send({ type: 'crash' });
    await clock.settle();
    expect(ref.incarnation).toBeGreaterThan(1);
    ref.send({ type: 'open' });
    await clock.settle();

    expect(seen).toEqual([1, 2]);
  });

  it('has no place for a direct call, which cannot wait', async () => {
    const keep: ActorDefinition<null, { type: 'keep' }> = {
      name: 'keep',
      fresh: () => null,
      decide: { keep: (_state, _message, cx) => cx.stash() },
    };
    const { system } = await startWorld([worker(keep)]);
    const answer = system.ref<{ type: 'keep' }>('top/keep').callNow({ type: 'keep' });

    expect(isRefusal(answer) && answer.refused).toBe('STASH_NOT_QUEUED');
  });

  it('is buried with its actor, and askers are told', async () => {
    const { system, clock } = await startWorld([worker(door([]))]);
    const asked = system.ref<DoorMessage>('top/door').ask(pass(1), soon);
    asked.catch(() => {});
    await clock.settle();
    await system.stop();

    await expect(asked).rejects.toMatchObject({ code: 'ACTOR_GONE' });
    expect(system.deadLetters.counts()).toEqual({ stopped: 1 });
  });
});
