/** Guesses are worth saying only when they are near. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, nearest } from '../../config/did-you-mean.ts';

describe('did you mean', () => {
  it.each([
    ['trian', 'train'],
    ['epochss', 'epochs'],
    ['doctr', 'doctor'],
    ['EPOCHS', 'epochs'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearest(typed, ['train', 'epochs', 'doctor'])).toBe(meant);
  });

  it('says nothing about a word that is like none', () => {
    expect(nearest('zebra', ['train', 'epochs', 'doctor'])).toBeNull();
  });

  it('measures a distance: zero only to itself, the same both ways, never more than the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
