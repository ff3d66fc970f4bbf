/** Matrix products of the kernel pack against the reference backend. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, draw, numbersOn } from './engines.ts';

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;
const turned = (shape: readonly number[], turn: boolean) =>
  turn ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : [...shape];
const size = fc.integer({ min: 1, max: 21 });
const depth = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(255, 256, 257, 600));

describe('matrix products on wasm', () => {
  it('agree with the reference for any sizes and transpositions', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, depth, fc.boolean(), fc.boolean(), async (m, n, k, turnA, turnB) => {
        const sum = () =>
          tf.matMul(draw(turned([m, k], turnA), 1), draw(turned([k, n], turnB), 2), turnA, turnB);
        expect(difference(await numbersOn('pack', sum), await numbersOn('cpu', sum))).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  it('add the bias once and clip once, whatever the transposition and the batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ m: size, n: size, k: depth, batch: fc.integer({ min: 1, max: 3 }) }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(...ACTIVATIONS),
        async ({ m, n, k, batch }, turnA, turnB, biased, activation) => {
          const sum = () =>
            tf.fused.matMul({
              a: draw(turned([batch, m, k], turnA), 1) as tf.Tensor3D,
              b: draw(turned([batch, k, n], turnB), 2) as tf.Tensor3D,
              transposeA: turnA,
              transposeB: turnB,
              ...(biased ? { bias: draw([n], 3) } : {}),
              activation,
              leakyreluAlpha: 0.2,
              preluActivationWeights: draw([n], 4),
            });
          expect(difference(await numbersOn('pack', sum), await numbersOn('cpu', sum))).toBeLessThan(2e-5);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [
      [3, 4, 5],
      [5, 6],
    ],
    [
      [4, 5],
      [2, 5, 6],
    ],
    [
      [2, 1, 3, 4],
      [1, 5, 4, 2],
    ],
    [
      [2, 3, 4, 5],
      [3, 5, 2],
    ],
    [
      [0, 4],
      [4, 3],
    ],
  ])('stretch a batch %j times %j along the axes of length one', async (left, right) => {
    const plain = await numbersOn('pack', () => tf.matMul(draw(left, 1), draw(right, 2)));
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(left.slice(0, -2), right.slice(0, -2));
    const stretched = () =>
      tf.matMul(
        tf.broadcastTo(draw(left, 1), [...shape, ...left.slice(-2)]),
        tf.broadcastTo(draw(right, 2), [...shape, ...right.slice(-2)]),
      );
    const expected = left.includes(0) ? [[]] : await numbersOn('cpu', stretched);
    expect(difference(plain, expected)).toBeLessThan(1e-5);
  });

  it('give a row the same bits in whatever company it is multiplied', async () => {
    const whole = () => tf.matMul(draw([37, 300], 1), draw([300, 19], 2));
    const part = () => tf.matMul(tf.slice(draw([37, 300], 1), [5, 0], [3, 300]), draw([300, 19], 2));
    const [[all], [some]] = [await numbersOn('pack', whole), await numbersOn('pack', part)];
    expect(some).toEqual(all!.slice(5 * 19, 8 * 19));
  });

  it('keep what is not a number where it stands', async () => {
    const sum = () =>
      tf.fused.matMul({
        a: tf.tensor2d([[Number.NaN], [1]]),
        b: tf.tensor2d([[1, -1]]),
        activation: 'relu',
      });
    expect(await numbersOn('pack', sum)).toEqual([[Number.NaN, Number.NaN, 1, 0]]);
  });

  it('carry gradients through every kind of product', async () => {
    const sum = () =>
      tf.grads((a, b, c) =>
        tf.sum(tf.square(tf.fused.matMul({ a, b, bias: c, transposeB: true, activation: 'elu' }))),
      )([draw([9, 70], 1), draw([6, 70], 2), draw([6], 3)]);
    expect(difference(await numbersOn('pack', sum), await numbersOn('cpu', sum))).toBeLessThan(1e-5);
  });
});
