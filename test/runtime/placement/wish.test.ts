/** What people ask for is refused before anything is done, with the reason, when it cannot come true. */
import { describe, expect, it } from 'vitest';
import type { NodeFacts, PlacementRecord } from '../../../contracts/index.ts';
import type { NodeView } from '../../../runtime/placement/index.ts';
import { drainRefusal, moveRefusal } from '../../../runtime/placement/wish.ts';
import { node, record, unit } from './facts.ts';

const hosted = (name: string) => ({ unit: name, phase: 'running' as const, epoch: 1 });
const seen = (all: readonly NodeFacts[], far: readonly string[] = []): readonly NodeView[] =>
  all.map((facts) => ({
    name: facts.name,
    state: far.includes(facts.name) ? ('unreachable' as const) : ('up' as const),
    facts,
  }));

describe('a move', () => {
  const spec = unit('a', { labels: ['big'] });
  const all = [
    node('n1', { labels: ['big'], units: [hosted('a')] }),
    node('n2', { labels: ['big'] }),
    node('n3'),
  ];
  const asked = (
    to: string | undefined,
    rest: Partial<PlacementRecord> = {},
    from = 'n1',
    far: string[] = [],
  ) => moveRefusal({ spec, from, to }, record([spec], rest), seen(all, far));

  it('to a node that fits is not refused', () => {
    expect(asked('n2')).toBeUndefined();
    expect(asked(undefined)).toBeUndefined();
  });

  it.each([
    ['PLACEMENT_UNKNOWN_NODE', { node: 'n9', known: ['n1', 'n2', 'n3'] }, asked('n9')],
    ['UNIT_ALREADY_THERE', { unit: 'a', node: 'n1' }, asked('n1')],
    ['NODE_CORDONED', { unit: 'a', node: 'n2' }, asked('n2', { cordoned: ['n2'] })],
    ['NODE_CORDONED', { unit: 'a', node: 'n2' }, asked('n2', { draining: ['n2'] })],
    ['NODE_LACKS_LABELS', { node: 'n3', missing: ['big'] }, asked('n3')],
    ['NODE_UNREACHABLE', { node: 'n2' }, asked('n2', {}, 'n1', ['n2'])],
    ['UNIT_NOT_RUNNING', { unit: 'a' }, asked(undefined, {}, '')],
    ['UNIT_NOT_RUNNING', { why: 'it was stopped' }, asked('n2', { stopped: ['a'] })],
    [
      'PLACEMENT_NOWHERE_ELSE',
      { unit: 'a', why: { n2: 'NODE_CORDONED', n3: 'NODE_LACKS_LABELS' } },
      asked(undefined, { cordoned: ['n2'] }),
    ],
  ])('is refused with %s and what it is about', (refused, details, answer) => {
    expect(answer).toMatchObject({ refused, details });
  });

  it('of a unit that nobody runs yet says where it shall come up', () => {
    expect(asked('n2', {}, '')).toBeUndefined();
  });
});

describe('emptying a node', () => {
  const pinned = unit('p', { pin: 'n1' });
  const free = unit('a');
  const able = ['a', 'p'];

  it('is refused when something on it may be nowhere else', () => {
    const nodes = seen([node('n1', { able, units: [hosted('a'), hosted('p')] }), node('n2', { able })]);

    expect(drainRefusal('n1', record([free, pinned]), nodes)).toMatchObject({
      refused: 'PLACEMENT_NOWHERE_ELSE',
      details: { unit: 'p', node: 'n1', why: { n2: 'NODE_NOT_THE_PIN' } },
    });
  });

  it('is refused for a node that nobody sees', () => {
    expect(drainRefusal('n7', record([free]), seen([node('n1')]))).toMatchObject({
      refused: 'PLACEMENT_UNKNOWN_NODE',
      details: { node: 'n7', known: ['n1'] },
    });
  });

  it('may begin when all that shall run on it fits elsewhere', () => {
    const nodes = seen([node('n1', { able, units: [hosted('a'), hosted('p')] }), node('n2', { able })]);

    expect(drainRefusal('n1', record([free, pinned], { stopped: ['p'] }), nodes)).toBeUndefined();
    expect(drainRefusal('n2', record([free, pinned]), nodes)).toBeUndefined();
  });
});
