/** What nodes bid, and who wins. */
import { describe, expect, it } from 'vitest';
import type { NodeFacts, UnitSpec } from '../../../contracts/index.ts';
import { bid, choose } from '../../../runtime/placement/index.ts';
import { node, unit } from './facts.ts';

const scoreOf = (...asked: Parameters<typeof bid>): number => {
  const answer = bid(...asked);
  if ('refused' in answer) throw new Error(answer.refused);
  return answer.score;
};
const idle = scoreOf(unit('a'), node('n1'));
const running = (name: string) => ({ unit: name, phase: 'running', epoch: 1 }) as const;

describe('a node refuses', () => {
  it.each([
    ['what it has no code for', unit('z'), {}, 'NODE_CANNOT_RUN'],
    ['what is pinned elsewhere', unit('a', { pin: 'n2' }), {}, 'NODE_NOT_THE_PIN'],
    ['what needs a label it has not', unit('a', { labels: ['gpu'] }), {}, 'NODE_LACKS_LABELS'],
    ['the rival of what it runs', unit('a', { apart: ['b'] }), { units: [running('b')] }, 'NODE_HAS_RIVALS'],
    ['everything new when cordoned', unit('a'), { cordoned: true }, 'NODE_CORDONED'],
    ['more memory than is free', unit('a', { needs: { memoryMb: 7_000 } }), {}, 'NODE_LACKS_MEMORY'],
    ['more cores than it has', unit('a', { needs: { cores: 9 } }), {}, 'NODE_LACKS_CORES'],
    ['GPUs it has not', unit('a', { needs: { gpus: 1 } }), {}, 'NODE_LACKS_GPUS'],
    ['company while its tasks starve', unit('a'), { starvingMs: 6_000 }, 'NODE_STARVING'],
  ] as [string, UnitSpec, Partial<NodeFacts>, string][])('%s', (_, spec, rest, code) => {
    expect(bid(spec, node('n1', { ...rest }))).toMatchObject({ refused: code, details: { node: 'n1' } });
  });
});

describe('a node bids', () => {
  it('for what it runs already, however full it is', () => {
    const full = node('n1', { cordoned: true, freeMemoryMb: 0, units: [running('a')] });

    expect(bid(unit('a', { needs: { memoryMb: 100 } }), full)).toHaveProperty('score');
  });

  it.each([
    ['its cores are busy', { load: 6 }],
    ['its memory is short', { freeMemoryMb: 500 }],
    ['its loop is late', { loopDelayMs: 80 }],
    ['its tasks hunger', { starvingMs: 2_000 }],
    ['it has more in line than it gets done', { overcommit: 2.5 }],
    ['its tasks wait for the disk', { ioHeat: 0.9 }],
    ['it has company', { units: [running('b')] }],
  ] as [string, Partial<NodeFacts>][])('less when %s', (_, rest) => {
    expect(scoreOf(unit('a'), node('n1', { ...rest }))).toBeLessThan(idle - 2);
  });

  it('more when the unit is warm there, and when it is close to what the unit talks to', () => {
    expect(scoreOf(unit('a'), node('n1', { warm: ['a'] }))).toBeGreaterThan(idle + 10);
    const near = (ms: number) => scoreOf(unit('a'), node('n1', { latencyMs: { n2: ms } }), ['n2']);
    expect(near(1)).toBeGreaterThan(near(40));
    expect(scoreOf(unit('a'), node('n1'), ['n1'])).toBeGreaterThan(near(1));
  });
});

it('the highest bid wins; of equals the first by name, whatever their order', () => {
  const bids = [
    { node: 'n3', score: 5 },
    { node: 'n2', score: 7 },
    { node: 'n1', score: 7 },
  ];

  expect(choose(bids)).toBe('n1');
  expect(choose(bids.toReversed())).toBe('n1');
  expect(choose([])).toBeUndefined();
});
