/** Births of weights on their way into an image and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areBirths, birthsKept, birthsToKeep } from '../../nn/births.ts';

const births = fc
  .array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 6 })), { minLength: 1 })
  .map((runs) => Int32Array.from(runs.flatMap(([birth, count]) => Array<number>(count).fill(birth))));

describe('births in an image', () => {
  it('come back as they were, through JSON', () => {
    fc.assert(
      fc.property(births, (all) => {
        const kept = JSON.parse(JSON.stringify(birthsToKeep(all)));
        expect(areBirths(kept, all.length, 5)).toBe(true);
        expect(birthsKept(kept)).toEqual(all);
      }),
    );
  });

  it('are read as they were written once, weight by weight', () => {
    expect(areBirths([1, 1, 2], 3, 2)).toBe(true);
    expect(birthsKept([1, 1, 2])).toEqual(Int32Array.of(1, 1, 2));
    expect(birthsKept(birthsToKeep(4))).toBe(4);
  });

  it.each([
    ['too few', { runs: [0, 2] }],
    ['too many', { runs: [0, 2, 1, 2] }],
    ['of nobody', { runs: [0, 0, 1, 3] }],
    ['of half a weight', { runs: [0, 1.5, 1, 1.5] }],
    ['after the last update', { runs: [8, 3] }],
    ['without a count', { runs: [0, 3, 1] }],
    ['no list', { runs: 3 }],
    ['nothing', null],
    ['words', 'all'],
  ])('are refused when they are %s', (_, kept) => {
    expect(areBirths(kept, 3, 7)).toBe(false);
  });
});
