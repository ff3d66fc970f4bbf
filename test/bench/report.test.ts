/** The arithmetic and the shapes of the benchmarks; never how fast anything is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUDGETS, markOf } from '../../bench/budgets.ts';
import { isAnswer, parse } from '../../bench/options.ts';
import { type Finished, shortOf, toJson, toMarkdown, toText } from '../../bench/report.ts';
import { checkSum } from '../../bench/rig/bursts.ts';
import { repeat, sideBySide, times } from '../../bench/sampling.ts';
import { perSecond, quantile, spread } from '../../bench/statistics.ts';
import { figure, ratio, type Suite } from '../../bench/suite.ts';
import { SUITES as ALL } from '../../bench/suites/index.ts';

const suite = (name: string): Suite => ({ name, about: `measures ${name}`, run: async () => [] });
const SUITES = [suite('boundary'), suite('packet')];

const finished: readonly Finished[] = [
  {
    suite: 'boundary',
    figures: [
      { name: 'hook-32-seeds', unit: 'ms', median: 1, p95: 5 },
      { name: 'of-which-act', unit: 'ms', median: 0.25, p95: 0.5 },
    ],
  },
  { suite: 'mailbox', figures: [{ name: 'tell', unit: '/s', median: 1_000_000, p95: 900_000 }] },
];

describe('a quantile', () => {
  it('of known readings is known, in whatever order they came', () => {
    expect(spread([5, 1, 3, 2, 4])).toEqual({ median: 3, p95: 4.8 });
    expect(quantile([1, 2], 0.5)).toBe(1.5);
  });

  it('lies between the smallest and the largest reading and grows with its share', () => {
    const readings = fc.array(fc.nat(), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(readings, (durations) => {
        const { median, p95 } = spread(durations);

        expect(median).toBeGreaterThanOrEqual(Math.min(...durations));
        expect(p95).toBeGreaterThanOrEqual(median);
        expect(p95).toBeLessThanOrEqual(Math.max(...durations));
      }),
    );
  });

  it('of nothing is refused', () => {
    expect(() => spread([])).toThrow(RangeError);
  });

  it('of a rate has its slow end below the middle', () => {
    const { median, p95 } = perSecond([1, 1, 1, 10], 100);

    expect(median).toBe(100_000);
    expect(p95).toBeCloseTo(100_000 / 8.65, 6);
  });
});

describe('repeating', () => {
  it('forgets the warm-up and keeps the rest', async () => {
    let calls = 0;

    expect(await repeat(5, () => ++calls)).toEqual([2, 3, 4, 5, 6]);
  });

  it('does a fifth when quick, and never less than five', () => {
    expect([times({ quick: false }, 300), times({ quick: true }, 300), times({ quick: true }, 7)]).toEqual([
      300, 60, 5,
    ]);
  });
});

describe('two kinds of work', () => {
  it('are done in turn, and each keeps its own readings', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => order.push(name);

    expect(await sideBySide(5, work('a'), work('b'))).toEqual([
      [3, 5, 7, 9, 11],
      [4, 6, 8, 10, 12],
    ]);
    expect(order.join('')).toBe('ab'.repeat(6));
  });

  it('compare by how many times as much the one does', () => {
    const mine = figure('tell', '/s', { median: 20, p95: 9 });
    const peer = figure('peer-tell', '/s', { median: 4, p95: 3 });

    expect(ratio('tell-vs-peer', mine, peer)).toEqual({ name: 'tell-vs-peer', unit: 'x', median: 5, p95: 3 });
  });

  it('count only what was completed', () => {
    expect(() => checkSum(6, 4)).not.toThrow();
    expect(() => checkSum(5, 4)).toThrow('5 is not 6');
  });
});

describe('the report', () => {
  it('has one JSON shape, with null where nothing was promised', () => {
    expect(toJson(finished, 'a machine')).toEqual({
      suite: 'boundary mailbox',
      machine: 'a machine',
      results: [
        { name: 'boundary/hook-32-seeds', unit: 'ms', value: 1, p95: 5, aim: 2, seed: 18 },
        { name: 'boundary/of-which-act', unit: 'ms', value: 0.25, p95: 0.5, aim: null, seed: null },
        { name: 'mailbox/tell', unit: '/s', value: 1_000_000, p95: 900_000, aim: 20e6, seed: 10e6 },
      ],
    });
  });

  it('judges the number that the budget names, in its direction', () => {
    const hook = BUDGETS['boundary/hook-32-seeds'];
    const at = (p95: number) => ({ name: 'hook-32-seeds', unit: 'ms', median: 0, p95 });

    expect([at(2), at(18), at(19)].map((figure) => markOf(figure, hook))).toEqual(['aim', 'seed', 'short']);
    expect(markOf({ name: 'tell', unit: '/s', median: 21e6, p95: 1 }, BUDGETS['mailbox/tell'])).toBe('aim');
    expect(markOf(at(1), undefined)).toBe('shown');
  });

  it('marks what falls short, in the table and in the count', () => {
    expect(toText(finished)).toMatch(/mailbox\/tell .* 1 M .*>= 20 M .*SHORT/);
    expect(toText(finished)).toMatch(/hook-32-seeds .*ok, short of the aim \(p95\)/);
    expect(shortOf(finished)).toBe(1);
  });

  it('has a row for each figure as a table', () => {
    expect(toMarkdown(finished).split('\n')).toHaveLength(2 + 3);
  });
});

describe('the command line', () => {
  it('has a budget only for figures of suites there are, and every room of the runtime under one word', () => {
    const names = new Set(ALL.map(({ name }) => name));
    expect(Object.keys(BUDGETS).filter((name) => !names.has(name.split('/')[0] as string))).toEqual([]);

    const asked = parse(['runtime'], ALL);
    expect(isAnswer(asked) ? [] : asked.suites.map(({ name }) => name)).toEqual([
      'mailbox',
      'hooks',
      'lifecycle',
      'tasks',
      'remote',
      'bus',
      'durable',
      'wal',
    ]);
  });

  it('runs the suites it is given, in their own order, and all of them for all', () => {
    expect(parse(['packet', 'boundary', '--quick', '--json', 'out.json'], SUITES)).toEqual({
      suites: SUITES,
      json: 'out.json',
      quick: true,
      long: false,
      write: false,
    });
    expect(parse(['all', '--write'], SUITES)).toMatchObject({ suites: SUITES, write: true, json: null });
  });

  it.each([
    [['--help'], 0],
    [[], 2],
    [['boundary', 'bondary'], 2],
    [['boundary', '--fast'], 2],
  ])('%j is answered with the list of suites and status %i', (args, status) => {
    const answer = parse(args, SUITES);

    expect(isAnswer(answer) && answer.status).toBe(status);
    expect(isAnswer(answer) && answer.text).toContain('measures boundary');
  });
});
