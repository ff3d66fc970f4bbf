/** Found by the suite `training`: in a group that can go back in time, an actor did not understand its own timers. */
import { expect, it } from 'vitest';
import { type ActorDefinition, accept, worker } from '../../../runtime/index.ts';
import { startWorld } from '../../runtime/support/world.ts';

it('an actor of a rollback group hears its timers and its jobs', async () => {
  const heard: string[] = [];
  const clock: ActorDefinition<null, { type: 'tick' } | { type: 'done' }> = {
    name: 'clock',
    fresh: (cx) => {
      cx.after(10, { type: 'tick' });
      cx.job('work', async () => ({ type: 'done' }));
      return null;
    },
    decide: {
      tick: () => {
        heard.push('tick');
        return accept();
      },
      done: () => {
        heard.push('done');
        return accept();
      },
    },
    rollback: { capture: () => null, restore: (state) => state, release: () => {} },
  };
  const { clock: time, system } = await startWorld([worker(clock)], {
    strategy: 'one_for_all',
    onFailure: 'rollback',
  });

  await time.advance(20);

  expect(heard).toEqual(['done', 'tick']);
  await system.stop();
});
