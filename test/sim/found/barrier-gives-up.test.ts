/** Found by the suite `bank`: a barrier that gave up let an actor begin its next message in the middle of the present one. */
import { expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type Checkpoints,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { startWorld } from '../../runtime/support/world.ts';

it('one message at a time, also after a barrier that came too late', async () => {
  const story: string[] = [];
  let finish: () => void = () => {};
  const actor: ActorDefinition<null, { type: 'slow' } | { type: 'quick' }> = {
    name: 'actor',
    fresh: () => null,
    decide: {
      slow: async () => {
        story.push('slow begins');
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        story.push('slow ends');
        return accept();
      },
      quick: () => {
        story.push('quick');
        return accept();
      },
    },
    rollback: { capture: () => null, restore: () => null, release: () => {} },
  };
  const options = { strategy: 'one_for_all', intensity: 1, periodMs: 1_000, onFailure: 'rollback' } as const;
  const { clock, system } = await startWorld([supervisor('group', options, [worker(actor)])]);
  const ref = system.ref<{ type: 'slow' } | { type: 'quick' }>('top/group/actor');
  const checkpoints = system.supervisor('top/group').checkpoints() as Checkpoints;

  ref.send({ type: 'slow' });
  ref.send({ type: 'quick' });
  await clock.advance(1);
  const late = expect(checkpoints.barrier(null, { withinMs: 10 })).rejects.toMatchObject({
    code: 'ROLLBACK_BARRIER_LATE',
  });
  await clock.advance(20);
  await late;
  finish();
  await clock.advance(1);

  expect(story).toEqual(['slow begins', 'slow ends', 'quick']);
  await system.stop();
});
