/** Found by the suite `office`: a message that crashed its actor, and was put aside before its second chance, crashed it for ever. */
import { expect, it } from 'vitest';
import { type ActorDefinition, accept, worker } from '../../../runtime/index.ts';
import { startWorld } from '../../runtime/support/world.ts';

it('poison that was put aside is poison still', async () => {
  let tries = 0;
  const actor: ActorDefinition<{ open: boolean }, { type: 'open' } | { type: 'bad' }> = {
    name: 'actor',
    fresh: () => ({ open: false }),
    decide: {
      open: (state, _message, cx) => {
        state.open = true;
        cx.unstashAll();
        return accept();
      },
      bad: (state, _message, cx) => {
        if (!state.open) return cx.stash();
        tries++;
        throw new Error('bad');
      },
    },
  };
  const { clock, system } = await startWorld([worker(actor)]);
  const ref = system.ref<{ type: 'open' } | { type: 'bad' }>('top/actor');

  ref.send({ type: 'bad' });
  for (let times = 4; times > 0; times--) {
    ref.send({ type: 'open' });
    await clock.advance(1);
  }

  expect(tries).toBe(2);
  expect(system.deadLetters.recent().map(({ reason }) => reason)).toEqual(['poison']);
  await system.stop();
});
