/** Seasons that fit the run, whatever its length. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundariesOf, tempoFor } from '../../config/tempo.ts';

it('gives a seed planted at the last moment time to be judged, in any run of 12 boundaries or more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 12, max: 2000 }), (every, boundaries) => {
      const tempo = tempoFor(boundaries * every, every);
      const life = tempo.training + tempo.blending + tempo.probation;

      expect(tempo.latest * boundaries + life).toBeLessThanOrEqual(boundaries);
    }),
  );
});

it('counts a last boundary that is shorter than the others', () => {
  expect(boundariesOf(10, 3)).toBe(4);
  expect(boundariesOf(8, 0.25)).toBe(32);
  expect(boundariesOf(21, 0.1)).toBe(210);
});

it('spends about 6 % of a run in each season and at least one boundary', () => {
  expect(tempoFor(12_000, 20)).toMatchObject({ training: 36, blending: 36, probation: 36, earliest: 12 });
  expect(tempoFor(2, 1)).toMatchObject({ training: 1, blending: 1, probation: 1, earliest: 1 });
});
