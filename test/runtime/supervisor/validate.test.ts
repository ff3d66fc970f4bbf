/** Each field of a spec has its own mistake, its own code, and a path that says where. */
import { describe, expect, it } from 'vitest';
import {
  type ChildSpec,
  problemsOf,
  type SupervisorOptions,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { counter } from '../support/counter.ts';
import { worldPorts } from '../support/world.ts';

const good: SupervisorOptions = { strategy: 'one_for_one', intensity: 1, periodMs: 5_000 };
const child = worker(counter('a'));
const codes = (spec: ChildSpec) => problemsOf(spec).map(({ code }) => code);

describe('a spec', () => {
  it('without a mistake has no problems', () => {
    expect(codes(supervisor('top', good, [child, supervisor('inner', good, [])]))).toEqual([]);
  });

  it.each([
    ['ID', { ...child, id: 'a/b' }],
    ['RESTART', { ...child, restart: 'always' }],
    ['SIGNIFICANT', { ...child, significant: true }],
    ['SHUTDOWN', { ...child, shutdown: { withinMs: 0 } }],
    ['DEFINITION', { ...child, definition: {} }],
    [
      'MAILBOX',
      { ...child, definition: { ...child.definition, mailbox: { capacity: 0, whenFull: 'park' } } },
    ],
    ['STRATEGY', { ...supervisor('s', good, []), strategy: 'oneForOne' }],
    ['INTENSITY', supervisor('s', { ...good, intensity: -1 }, [])],
    ['PERIOD', supervisor('s', { ...good, periodMs: Number.POSITIVE_INFINITY }, [])],
    ['BACKOFF', supervisor('s', { ...good, backoff: { firstMs: 10, maxMs: 5 } }, [])],
    ['ON_FAILURE', { ...supervisor('s', good, []), onFailure: 'pray' }],
    ['CHECKPOINTS', supervisor('s', { ...good, checkpoints: 0 }, [])],
    ['AUTO_SHUTDOWN', supervisor('s', good, [{ ...child, restart: 'transient', significant: true }])],
    ['DUPLICATE_ID', supervisor('s', good, [child, child])],
  ])('with a wrong %s says so', (field, spec) => {
    expect(codes(spec as ChildSpec)).toEqual([`SPEC_INVALID_${field}`]);
  });

  it('is refused before anything starts, with the path of the mistake', async () => {
    const diary: string[] = [];
    const tree = supervisor('top', good, [
      worker(counter('a', diary)),
      supervisor('inner', { ...good, periodMs: 0 }, []),
    ]);

    await expect(startSystem(tree, worldPorts().ports)).rejects.toMatchObject({
      code: 'SPEC_INVALID_PERIOD',
      details: { path: 'top/inner' },
    });
    expect(diary).toEqual([]);
  });
});
