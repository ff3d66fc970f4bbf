/** Every suite: a few seeds hold, and a seed is a seed. */
import { describe, expect, it } from 'vitest';
import { plant } from './planted/defect.ts';
import { DEFECTS } from './planted/defects.ts';
import { SUITES, seedsOf, suiteNamed } from './suites.ts';
import { tryOut } from './trial.ts';

const SEEDS = [0, 1, 2, 3];
/** The largest takes five seconds of a processor that it has for itself, and ends whatever happens: its time is its own. */
const LIMIT_MS = 120_000;

describe.each(SUITES.map((suite) => [suite.name, suite] as const))('the suite %s', (_, suite) => {
  it(
    'holds on a few seeds, the first of them twice',
    async () => {
      for (const seed of SEEDS) expect((await tryOut(suite, seed, 0)).failure).toBeNull();
    },
    LIMIT_MS,
  );
});

it('a suite takes all seeds it is given, or as many as it declares', () => {
  expect(['bank', 'office'].map((name) => seedsOf(name, 2_000))).toEqual([2_000, 1_000]);
  expect(seedsOf('office', 30)).toBe(30);
});

describe('a planted defect', () => {
  const defect = { name: 'd', story: '', file: 'f.js', find: 'x', replace: 'y', suites: [] };

  it('takes the place of what is there once', () => {
    expect(plant('axb', defect)).toBe('ayb');
  });

  it.each(['ab', 'axbx'])('refuses %s', (source) => {
    expect(() => plant(source, defect)).toThrow(/not once/);
  });

  it('has a name of its own and a suite that exists', () => {
    expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
    expect(DEFECTS.flatMap(({ suites }) => suites).filter((name) => suiteNamed(name) === undefined)).toEqual(
      [],
    );
    expect(DEFECTS.length).toBeGreaterThanOrEqual(38);
  });
});
