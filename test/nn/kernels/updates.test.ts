/** Optimiser steps inside the engine's memory against the formulas written out. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorRuntime } from '../../../nn/index.ts';
import type { UpdateRule } from '../../../nn/runtime.ts';
import { difference, draw, openEngine } from './engines.ts';

let runtime: TensorRuntime;
beforeAll(async () => {
  runtime = await openEngine('pack');
});

const share = fc.double({ min: 0.01, max: 0.95, noNaN: true });
const rules: fc.Arbitrary<UpdateRule> = fc.record({
  name: fc.constantFrom('sgd', 'momentum', 'adam'),
  rate: share,
  scale: share,
  decay: share,
  shrink: share,
  beta1: share,
  beta2: share,
  epsilon: fc.constantFrom(1e-8, 1e-3),
});
const momentsOf = { sgd: 0, momentum: 1, adam: 2 };
const correctionAt = (birth: number) => ({ first: 1 + 1 / (1 + birth), second: 2 + 1 / (1 + birth) });

/** One weight, as the books have it: value first, then moments. */
function stepped(
  rule: UpdateRule,
  w: number,
  [m0 = 0, v0 = 0]: number[],
  slope: number,
  birth: number,
): number[] {
  const g = slope * rule.scale + rule.decay * w;
  if (rule.name === 'sgd') return [w - rule.rate * g];
  if (rule.name === 'momentum') {
    const speed = rule.beta1 * m0 + g;
    return [w - rule.rate * speed, speed];
  }
  const m = rule.beta1 * m0 + (1 - rule.beta1) * g;
  const v = rule.beta2 * v0 + (1 - rule.beta2) * g * g;
  const { first, second } = correctionAt(birth);
  return [rule.shrink * w - (rule.rate * m * first) / (Math.sqrt(v * second) + rule.epsilon), m, v];
}

describe('optimiser steps on wasm', () => {
  it('move every weight by the formula of its age, and leave the old tensors alone', () => {
    fc.assert(
      fc.property(
        rules,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 70 }),
        fc.boolean(),
        (rule, ages, mixed) => {
          const size = [ages.length];
          const value = draw(size, 1);
          const gradient = draw(size, 2);
          const moments = Array.from({ length: momentsOf[rule.name] }, (_, i) => tf.abs(draw(size, 3 + i)));
          const births = mixed ? Int32Array.from(ages) : 2;
          const before = [value, gradient, ...moments].map((tensor) => Array.from(runtime.peek(tensor)));
          const [olds, slopes, ...held] = before;
          const next = runtime.updater!.update(rule, { value, moments, gradient, births }, correctionAt);
          const weights = ages.map((age, i) =>
            stepped(
              rule,
              olds![i]!,
              held.map((moment) => moment[i]!),
              slopes![i]!,
              mixed ? age : 2,
            ),
          );
          const expected = [next.value, ...next.moments].map((_, part) =>
            weights.map((weight) => weight[part]!),
          );
          const found = [next.value, ...next.moments].map((tensor) => Array.from(runtime.peek(tensor)));
          expect(difference(found, expected)).toBeLessThan(1e-5);
          expect(next.finite).toBe(true);
          expect([value, gradient, ...moments].map((tensor) => Array.from(runtime.peek(tensor)))).toEqual(
            before,
          );
          tf.dispose([value, gradient, ...moments, next.value, ...next.moments]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each(['sgd', 'momentum', 'adam'] as const)(
    'say when a step of %s is not finite, wherever it happens',
    (name) => {
      const rule = { name, rate: 0.1, scale: 1, decay: 0, shrink: 1, beta1: 0.9, beta2: 0.9, epsilon: 1e-8 };
      for (const place of [0, 5, 8]) {
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const slopes = new Float32Array(9).fill(0.5);
          slopes[place] = bad;
          const value = tf.zeros([9]);
          const moments = Array.from({ length: momentsOf[name] }, () => tf.zeros([9]));
          const gradient = tf.tensor1d(slopes);
          const next = runtime.updater!.update(rule, { value, moments, gradient, births: 0 }, correctionAt);
          expect(next.finite).toBe(false);
          tf.dispose([value, gradient, ...moments, next.value, ...next.moments]);
        }
      }
    },
  );

  it('sum squares with more digits than the numbers have', () => {
    const many = tf.fill([1_000_001], 1.0001);
    const single = Math.fround(1.0001);
    expect(runtime.updater!.sumOfSquares(many)).toBeCloseTo(1_000_001 * single * single, 3);
    many.dispose();
  });
});
