/** Found by the suite `bank`: a group with no checkpoint left began anew and still took the money that its earlier lives had sent. */
import { expect, it } from 'vitest';
import { type ActorDefinition, accept, supervisor, worker } from '../../../runtime/index.ts';
import { startWorld } from '../../runtime/support/world.ts';

type Said = { type: 'give' } | { type: 'take' } | { type: 'look' } | { type: 'fall' };

const account = (name: string, other: string): ActorDefinition<number, Said, number> => ({
  name,
  fresh: () => 100,
  decide: {
    give: (_balance, _message, cx) => {
      cx.ref<Said>(`top/bank/${other}`).send({ type: 'take' });
      return accept(undefined, -1);
    },
    take: () => accept(undefined, 1),
    look: (balance) => accept(balance),
    fall: () => {
      throw new Error('fell');
    },
  },
  evolve: (balance, by) => balance + by,
  rollback: { capture: (balance) => balance, restore: (_, saved) => saved as number, release: () => {} },
});

it.each([
  ['under a new life of its supervisor', 0],
  ['with no checkpoint to go back to', 3],
])('a group that begins anew %s has no mail of its earlier lives', async (_, intensity) => {
  const options = { strategy: 'one_for_all', intensity, periodMs: 1_000, onFailure: 'rollback' } as const;
  const bank = supervisor('bank', options, [worker(account('ann', 'bob')), worker(account('bob', 'ann'))]);
  const { clock, system } = await startWorld([bank], { intensity: 5, periodMs: 1_000 });
  const [ann, bob] = [system.ref<Said>('top/bank/ann'), system.ref<Said>('top/bank/bob')];

  ann.callNow({ type: 'give' });
  expect(() => bob.callNow({ type: 'fall' })).toThrow(/fell/);
  await clock.advance(10);

  expect(ann.incarnation).toBe(2);
  expect([ann, bob].map((one) => one.callNow({ type: 'look' }))).toEqual([100, 100]);
  await system.stop();
});
