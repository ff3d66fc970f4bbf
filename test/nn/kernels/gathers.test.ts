/** Shared copies, sums by segment and sums by index letters, against the reference backend. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { difference, draw, numbersOn, openEngine } from './engines.ts';

afterEach(() => tf.disposeVariables());

async function agree(sum: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  expect(difference(await numbersOn('pack', sum), await numbersOn('cpu', sum))).toBeLessThan(1e-5);
}

describe('gathering on wasm', () => {
  it('shares a copy and keeps it when the original goes', async () => {
    const runtime = await openEngine('pack');
    const original = draw([3, 4], 1);
    const before = Array.from(runtime.peek(original));
    const copy = tf.clone(original);
    expect(runtime.peek(copy).byteOffset).toBe(runtime.peek(original).byteOffset);
    original.dispose();
    expect(Array.from(runtime.peek(copy))).toEqual(before);
    copy.dispose();
  });

  it('adds rows up by segment and leaves out what belongs to none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (ids, inner) =>
          agree(() => tf.unsortedSegmentSum(draw([ids.length, inner], 1), tf.tensor1d(ids, 'int32'), 5)),
      ),
      { numRuns: 30 },
    );
  });

  it('carries gradients through a look-up of rows and of columns', () =>
    agree(() => [
      tf.grad((w) => tf.sum(tf.square(tf.gather(w, tf.tensor1d([1, 3, 3, 0], 'int32')))))(draw([10, 4], 1)),
      tf.grad((w) =>
        tf.sum(
          tf.square(
            tf.gather(
              w,
              tf.tensor2d(
                [
                  [1, 3],
                  [3, 0],
                ],
                undefined,
                'int32',
              ),
              1,
            ),
          ),
        ),
      )(draw([3, 6], 1)),
    ]));

  it.each([
    [
      'ij,jk->ik',
      [
        [3, 4],
        [4, 5],
      ],
    ],
    [
      'bij,bjk->bik',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
    [
      'bqhd,bkhd->bhqk',
      [
        [2, 3, 2, 4],
        [2, 5, 2, 4],
      ],
    ],
    ['ij->ji', [[3, 4]]],
    ['ij->i', [[3, 4]]],
    ['i,i->', [[7], [7]]],
    ['i,j->ij', [[3], [4]]],
  ])('sums %s over the letters that the result lacks', (equation, shapes) =>
    agree(() => tf.einsum(equation, ...shapes.map((shape, i) => draw(shape, i + 1)))),
  );

  it('frees everything it makes on the way', async () => {
    await openEngine('pack');
    const operands = [draw([3, 4], 1), draw([4, 5], 2)] as const;
    const before = tf.engine().backend.numDataIds();
    tf.einsum('ij,jk->ik', ...operands).dispose();
    tf.fused
      .matMul({ a: operands[0] as tf.Tensor2D, b: operands[1] as tf.Tensor2D, activation: 'sigmoid' })
      .dispose();
    expect(tf.engine().backend.numDataIds()).toBe(before);
    tf.dispose([...operands]);
  });
});
