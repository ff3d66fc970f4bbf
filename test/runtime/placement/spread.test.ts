/** Work is spread over like nodes, also when all auctions are held at once. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HostedUnit, NodeFacts, UnitSpec } from '../../../contracts/index.ts';
import { weightOf, withPromises } from '../../../runtime/placement/bid.ts';
import { bid, choose } from '../../../runtime/placement/index.ts';
import { node, unit } from './facts.ts';

const names = (count: number, letter: string) => Array.from({ length: count }, (_, i) => `${letter}${i}`);
/** Figures of like machines differ a little from beat to beat. */
const tremor = fc.record({
  loopDelayMs: fc.integer({ min: 0, max: 25 }),
  freeMemoryMb: fc.integer({ min: 5_900, max: 6_100 }),
});
const scene = fc.record({
  nodes: fc.array(tremor, { minLength: 2, maxLength: 5 }),
  units: fc.integer({ min: 1, max: 12 }),
});

/** Every bid is made before any award is heard of. @returns units by node */
function awarded(nodes: readonly NodeFacts[], units: readonly UnitSpec[]): Map<string, UnitSpec[]> {
  const given = new Map(nodes.map(({ name }) => [name, [] as UnitSpec[]]));
  const auctions = units.map((spec) =>
    nodes.map((facts) => ({ node: facts.name, ...(bid(spec, facts) as { score: number; company: number }) })),
  );
  for (const [i, bids] of auctions.entries()) {
    const weightOn = (name: string) => (given.get(name) ?? []).reduce((sum, one) => sum + weightOf(one), 0);
    given.get(choose(withPromises(bids, weightOn)) ?? '')?.push(units[i] as UnitSpec);
  }
  return given;
}

it('like nodes get as many units, give or take one, although all auctions overlap', () => {
  fc.assert(
    fc.property(scene, ({ nodes, units }) => {
      const specs = names(units, 'u').map((name) => unit(name));
      const able = specs.map((spec) => spec.unit);
      const counts = [
        ...awarded(
          nodes.map((rest, i) => node(`n${i}`, { ...rest, able })),
          specs,
        ).values(),
      ].map((given) => given.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

it('a group counts as all who are in it', () => {
  const group = unit('a', { actors: ['x', 'y', 'z'] });
  const given = awarded([node('n1'), node('n2')], [group, unit('b'), unit('c'), unit('d')]);

  expect([...given.values()].map((there) => there.map((spec) => spec.unit))).toEqual([
    ['a'],
    ['b', 'c', 'd'],
  ]);
});

it('what a unit has on its node keeps it there against a like node with nothing to do', () => {
  const phase = { phase: 'running', epoch: 1 } as const;
  const here: readonly HostedUnit[] = [
    { unit: 'a', ...phase },
    { unit: 'b', ...phase },
  ];
  const scores = [node('n1', { units: [...here] }), node('n2')].map((facts) => bid(unit('a'), facts));

  expect(scores[0]).toHaveProperty('score');
  expect((scores[0] as { score: number }).score).toBeGreaterThan((scores[1] as { score: number }).score);
});

it('a unit that is on its way out is no company', () => {
  const leaving = node('n1', { units: [{ unit: 'b', phase: 'stopping', epoch: 1 }] });

  expect(bid(unit('a'), leaving)).toEqual(bid(unit('a'), node('n1')));
});
