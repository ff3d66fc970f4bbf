/** The table itself: complete, in order, and each row decided by exactly one test. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rows } from './rows.ts';

const here = new URL('.', import.meta.url);
const stories = readdirSync(here)
  .filter((file) => file.endsWith('.test.ts') && file !== 'rows.test.ts')
  .flatMap((file) => [...readFileSync(new URL(file, here), 'utf8').matchAll(/^ *conforms\(\s*'(\w+)'/gm)])
  .map(([, name]) => name);

describe('the table', () => {
  it('has the 93 cases of OTP in their order, then what Esper adds', () => {
    const numbers = rows.map(({ number }) => number);

    expect(numbers.slice(0, 93)).toEqual(Array.from({ length: 93 }, (_, i) => i + 1));
    expect(numbers.slice(93)).toEqual(new Array(11).fill(null));
  });

  it('names each row once', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it('excuses no row that must hold', () => {
    expect(rows.filter(({ level, notApplicable }) => level === 'M' && notApplicable !== undefined)).toEqual(
      [],
    );
  });

  it('has exactly one test for each row, and no test without a row', () => {
    const decided = rows.filter(({ notApplicable }) => notApplicable === undefined);

    expect(stories.toSorted()).toEqual(decided.map(({ name }) => name).toSorted());
  });
});
