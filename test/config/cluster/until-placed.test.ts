/** A move or a drain is answered when it is done, when it will not be, or when whoever asked has waited long enough. */
import { describe, expect, it } from 'vitest';
import { inOwnWords } from '../../../config/cluster/admin/refusals.ts';
import { untilEmpty, untilMoved } from '../../../config/cluster/admin/until-placed.ts';
import { type Assignment, EsperError, type HostedUnit, PlacementStatus } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { node as factsOf } from '../../runtime/placement/facts.ts';
import { meanwhile } from '../../runtime/remote/nodes.ts';

const karn = (node: string, state: Assignment['state'], why = '', epoch = 1): Assignment => ({
  unit: 'karn',
  ...{ node, state, why, epoch },
});
const runs = (unit: string): HostedUnit => ({ unit, phase: 'running', epoch: 1 });

const statusOf = (
  units: readonly Assignment[],
  places: Readonly<Record<string, readonly HostedUnit[]>> = {},
) =>
  PlacementStatus.of({
    ...{ steward: 'a', epoch: 1, generation: 1, units: [...units] },
    nodes: Object.entries(places).map(([name, hosted]) => ({
      ...{ name, state: 'up' as const, cordoned: false, draining: false, leaving: false },
      ...{ units: [...hosted], facts: factsOf(name) },
    })),
  });

/** Looks see these, one after the other; the last again and again. */
const seen = (...found: readonly (PlacementStatus | null)[]) => {
  const clock = memoryClock();
  let at = 0;
  const status = async () => found[Math.min(at++, found.length - 1)] ?? null;
  return { clock, waiting: { clock, status, withinMs: 30_000 } };
};
const move = { unit: 'karn', from: 'a', to: 'b', named: true };

describe('a move', () => {
  it('is done when the unit runs there, and not before', async () => {
    const { clock, waiting } = seen(
      statusOf([karn('a', 'running')]),
      null,
      statusOf([karn('b', 'moving')]),
      statusOf([karn('b', 'running', '', 2)]),
    );
    const answer = await meanwhile(clock, untilMoved(move, waiting));

    expect(answer).toEqual({
      done: 'karn has moved from a to b',
      details: { unit: 'karn', from: 'a', to: 'b', epoch: 2 },
    });
    expect(clock.nowMs()).toBeGreaterThanOrEqual(600);
  });

  it('to wherever is best is done as soon as the unit runs elsewhere', async () => {
    const { clock, waiting } = seen(statusOf([karn('c', 'running', '', 3)]));
    const answer = await meanwhile(clock, untilMoved({ ...move, named: false }, waiting));

    expect(answer.details).toMatchObject({ to: 'c' });
  });

  it('that came to nothing fails with the reason and where to read on', async () => {
    const why = 'RUN_FOLDER_ELSEWHERE the folder of run r is not in the home of this node';
    const { clock, waiting } = seen(statusOf([karn('b', 'moving')]), statusOf([karn('a', 'running', why)]));

    await expect(meanwhile(clock, untilMoved(move, waiting))).rejects.toMatchObject({
      code: 'UNIT_NOT_MOVED',
      message: `karn stays on a: ${why}`,
      hint: 'esper explain RUN_FOLDER_ELSEWHERE, then move it again',
    });
  });

  it('that takes too long is said to go on', async () => {
    const { clock, waiting } = seen(statusOf([karn('b', 'moving')]));

    await expect(meanwhile(clock, untilMoved(move, waiting))).rejects.toMatchObject({
      code: 'UNIT_MOVE_LATE',
      message: 'karn is not on b after 30 s: is moving on b',
      retryable: true,
    });
  });
});

describe('emptying a node', () => {
  it('is done when nothing is left on it, and tells where everything went', async () => {
    const { clock, waiting } = seen(
      statusOf([karn('a', 'running')], { a: [runs('karn')], b: [] }),
      statusOf([karn('b', 'moving')], { a: [{ ...runs('karn'), phase: 'moving' }], b: [] }),
      statusOf([karn('b', 'running')], { a: [], b: [runs('karn')] }),
    );

    expect(await meanwhile(clock, untilEmpty('a', waiting))).toEqual({
      done: 'a is empty and gets nothing new: karn is on b',
      details: { node: 'a', units: { karn: 'b' } },
    });
  });

  it('that takes too long names what is left, and why', async () => {
    const { clock, waiting } = seen(
      statusOf([karn('a', 'running', 'RUN_NOT_OPEN')], { a: [runs('karn')], b: [] }),
    );

    await expect(meanwhile(clock, untilEmpty('a', waiting))).rejects.toMatchObject({
      code: 'NODE_DRAIN_LATE',
      message: 'a is not empty after 30 s: karn is running on a (RUN_NOT_OPEN)',
      details: { left: { karn: 'RUN_NOT_OPEN' } },
    });
  });

  it('says of a node that fell meanwhile that it is not there', async () => {
    const { clock, waiting } = seen(
      statusOf([karn('a', 'running')], { a: [runs('karn')] }),
      statusOf([karn('', 'bidding')], {}),
    );

    expect((await meanwhile(clock, untilEmpty('a', waiting))).done).toBe(
      'a is not there any more: karn has no node yet',
    );
  });
});

describe('a refusal of the steward', () => {
  const refused = (code: string, details: object = {}) =>
    inOwnWords(new EsperError('ADMIN_TARGET_REFUSED', 'no', { refused: code, ...details }));

  it.each([
    [
      'PLACEMENT_UNKNOWN_UNIT',
      { unit: 'kran', known: ['karn'] },
      'the cluster has no unit kran',
      'it has karn',
    ],
    ['NODE_CORDONED', { unit: 'karn', node: 'b' }, 'b takes nothing new', 'esper admin node uncordon b'],
    ['UNIT_ALREADY_THERE', { unit: 'karn', node: 'b' }, 'karn is on b already', '--to'],
    [
      'PLACEMENT_NOWHERE_ELSE',
      { unit: 'karn', node: 'a', why: { b: 'NODE_CORDONED' } },
      'no other node can have karn: b NODE_CORDONED',
      'uncordon',
    ],
  ])('%s keeps its code and says what to do', (code, details, text, hint) => {
    const error = refused(code, details) as EsperError;

    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(error.hint).toContain(hint);
  });

  it('that nobody has a sentence for comes as it was', () => {
    expect(refused('SOMETHING_ELSE')).toMatchObject({ code: 'ADMIN_TARGET_REFUSED' });
  });
});
