/** A tree on paper. */
import { describe, expect, it } from 'vitest';
import { renderSpec, renderTree, supervisor, worker } from '../../../runtime/index.ts';
import { counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

const flags = { intensity: 1, periodMs: 1_000 };
const triad = supervisor('training', { ...flags, strategy: 'one_for_all', onFailure: 'rollback' }, [
  worker(counter('kasmina')),
  worker(counter('tolaria'), { restart: 'transient' }),
]);

describe('render', () => {
  it('prints the plan', () => {
    const tree = supervisor(
      'esper',
      { ...flags, strategy: 'rest_for_one', backoff: { firstMs: 1, maxMs: 2 } },
      [triad, worker(counter('nissa'))],
    );

    expect(renderSpec(tree)).toBe(
      [
        'esper (rest_for_one, back-off)',
        '├─ training (one_for_all, rollback)',
        '│  ├─ kasmina',
        '│  └─ tolaria  transient',
        '└─ nissa',
      ].join('\n'),
    );
  });

  it('prints what is alive, with what went wrong', async () => {
    const { system, clock } = await startWorld([triad]);
    system.ref('top/training/kasmina').send({ type: 'crash' });
    await clock.settle();

    expect(renderTree(system.tree())).toBe(
      [
        'top  ready #1, 1 crash',
        '└─ training  ready #2, 2 crashes',
        '   ├─ kasmina  ready #3, 2 crashes',
        '   └─ tolaria  ready #3',
      ].join('\n'),
    );
  });
});
