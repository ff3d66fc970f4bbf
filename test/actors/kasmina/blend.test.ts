import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphaAt } from '../../../actors/kasmina/blend.ts';

describe.each(['linear', 'cosine', 'sigmoid'] as const)('a %s blend', (shape) => {
  it('starts at exactly 0 and ends at exactly 1', () => {
    expect(alphaAt(shape, 0)).toBe(0);
    expect(alphaAt(shape, 1)).toBe(1);
    expect(alphaAt(shape, 7)).toBe(1);
  });

  it('only rises, and never leaves 0 to 1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          const [first, second] = [alphaAt(shape, low), alphaAt(shape, high)];
          expect(first).toBeLessThanOrEqual(second);
          expect(first).toBeGreaterThanOrEqual(0);
          expect(second).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
