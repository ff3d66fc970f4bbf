/** Classes of age: few, however many merges a network has been through. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agesOf, correction, oldestAge } from '../../../nn/fused/ages.ts';
import type { Range } from '../../../nn/fused/block.ts';
import type { Parameter } from '../../../nn/parameter.ts';
import { adam, sgd } from '../worlds.ts';

/** A block whose weights were born when `births` says; nobody looks at its numbers. */
const blockOf = (updates: number, births: readonly number[]) =>
  ({ shape: [births.length], updates, births: Int32Array.from(births) }) as unknown as Parameter;

const rangeOf = (parameter: Parameter, count: number): Range => ({
  from: 0,
  count,
  decays: false,
  parameters: [parameter],
});

describe('the age of weights', () => {
  it('makes no difference from the oldest on', () => {
    const any = fc.record({
      beta1: fc.double({ min: 0, max: 0.9999, noNaN: true }),
      beta2: fc.constantFrom(0, 0.99, 0.999),
    });
    fc.assert(
      fc.property(any, ({ beta1, beta2 }) => {
        const oldest = oldestAge({ ...adam, beta1, beta2 });
        for (const beta of [beta1, beta2])
          for (const age of [oldest, oldest + 1, 3 * oldest])
            expect(Math.fround(correction(beta, age + 1))).toBe(1);
      }),
    );
    expect(Math.fround(correction(0.999, oldestAge(adam) / 2))).toBeGreaterThan(1);
  });

  it('takes one class for all that is old, after a thousand merges', () => {
    const oldest = oldestAge(adam);
    const births = Array.from({ length: 1000 }, (_, merge) => 200 * merge);
    const parameter = blockOf(200 * 1000, births);
    const ages = agesOf([parameter], oldest);
    if (ages === null) throw new Error('more ages than classes');
    const classes = ages.classesOf(rangeOf(parameter, births.length)) as Uint8Array;

    expect(ages.classes.length).toBe(Math.ceil(oldest / 200));
    births.forEach((birth, i) => {
      expect(ages.classes[classes[i]!]).toBe(Math.min(200 * 1000 - birth, oldest));
    });
  });

  it('is refused when too many are young', () => {
    const births = Array.from({ length: 300 }, (_, i) => i);

    expect(agesOf([blockOf(400, births)], oldestAge(adam))).toBeNull();
    expect(agesOf([blockOf(400, births)], oldestAge(sgd))?.classes).toEqual([0]);
  });
});
