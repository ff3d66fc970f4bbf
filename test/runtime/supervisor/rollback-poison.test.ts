/** One bad message must not cost a group its checkpoints: it is poison after its second chance, also through a rollback. */
import { describe, expect, it } from 'vitest';
import { accept, defineActor, isRefusal, worker } from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

type Till =
  | { readonly type: 'pay'; readonly amount: number }
  | { readonly type: 'cash' }
  | { readonly type: 'bad' };

const till = defineActor<{ cash: number }, Till>({
  name: 'till',
  fresh: () => ({ cash: 100 }),
  decide: {
    pay: (state, { amount }) => {
      state.cash += amount;
      return accept();
    },
    cash: ({ cash }) => accept(cash),
    bad: (state) => {
      state.cash = Number.NaN;
      throw new Error('fell');
    },
  },
  rollback: {
    capture: ({ cash }) => cash,
    restore: (state, saved) => Object.assign(state, { cash: saved as number }),
    release: () => {},
  },
});

describe('a group that rolls back over a poisoned message', () => {
  it('goes back twice, buries the message and goes on from its checkpoint', async () => {
    const { system, clock } = await startWorld([worker(till)], {
      strategy: 'one_for_all',
      onFailure: 'rollback',
    });
    const ref = system.ref<Till>('top/till');
    ref.send({ type: 'pay', amount: 5 });
    await clock.settle();
    const checkpoints = system.supervisor('top').checkpoints();
    if (isRefusal(checkpoints)) throw new Error(checkpoints.refused);
    const taken = checkpoints.barrier('a good moment');
    await clock.settle();
    const id = await taken;

    const answer = ref.ask({ type: 'bad' }, { withinMs: 1_000 }).catch(({ code }) => code);
    const after = ref.ask<number>({ type: 'cash' }, { withinMs: 1_000 });
    await clock.settle();

    expect(await answer).toBe('ACTOR_CRASHED');
    expect(await after).toBe(105);
    expect(system.tree().children[0]).toMatchObject({ lifecycle: 'ready', crashes: 2 });
    expect(system.deadLetters.recent()).toMatchObject([{ reason: 'poison', to: 'top/till' }]);
    expect(checkpoints.list()).toMatchObject([{ id, failures: 1, quarantined: false }]);
  });
});
