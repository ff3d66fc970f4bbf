/** Rows, sums over axes and casts on wasm, against the reference backend. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, draw, numbersOn, openEngine } from './engines.ts';

async function agree(sum: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  expect(difference(await numbersOn('pack', sum), await numbersOn('cpu', sum))).toBeLessThan(1e-5);
}
const shape = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe('everyday arithmetic on wasm', () => {
  it('meets rows, numbers and equal shapes from either side', async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(4), fc.boolean(), fc.boolean(), (whole, cut, stretched, turned) =>
        agree(() => {
          const part = whole.slice(Math.min(cut, whole.length)).map((length) => (stretched ? 1 : length));
          const [a, b] = [draw(whole, 1), draw(part, 2)];
          return [tf.add, tf.sub, tf.mul].map((how) => (turned ? how(b, a) : how(a, b)));
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('sums and averages over any axes', async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.array(fc.nat(3), { maxLength: 4 }), fc.boolean(), (whole, picks, keep) =>
        agree(() => {
          const axes = [...new Set(picks.filter((axis) => axis < whole.length))];
          const x = draw(whole, 1);
          return [tf.sum(x, axes, keep), tf.mean(x, axes, keep), tf.sum(x), tf.mean(x)];
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('keeps the digits of long sums', () =>
    agree(() => {
      const long = tf.add(draw([300_000, 3], 1), 1);
      return [tf.mean(long), tf.mean(long, 0), tf.mean(tf.transpose(long), 1)];
    }));

  it('leaves whole numbers whole', () =>
    agree(() => {
      const [a, b] = [tf.tensor1d([1, 2, 3], 'int32'), tf.tensor1d([4, 5, 6], 'int32')];
      return [tf.cast(tf.add(a, b), 'float32'), tf.cast(tf.sum(a), 'float32')];
    }));

  it('shares what is cast to the type it has', async () => {
    const runtime = await openEngine('pack');
    const x = draw([4], 1);
    const same = tf.cast(x, 'float32');
    expect(runtime.peek(same).byteOffset).toBe(runtime.peek(x).byteOffset);
    x.dispose();
    expect(Array.from(runtime.peek(same))).toHaveLength(4);
    same.dispose();
  });
});
