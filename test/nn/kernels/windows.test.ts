/** What flows back through convolutions and pools, against the reference backend. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, draw, numbersOn } from './engines.ts';

const image = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 3, max: 9 }),
  width: fc.integer({ min: 3, max: 9 }),
  channels: fc.integer({ min: 1, max: 9 }),
});
const window = fc.record({
  kh: fc.integer({ min: 1, max: 3 }),
  kw: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same' as const, 'valid' as const),
});

async function agree(sum: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  expect(difference(await numbersOn('pack', sum), await numbersOn('cpu', sum))).toBeLessThan(1e-4);
}

describe('gradients of windows on wasm', () => {
  it('agree with the reference for any convolution', async () => {
    await fc.assert(
      fc.asyncProperty(image, window, fc.integer({ min: 1, max: 9 }), (x, { kh, kw, stride, pad }, out) =>
        agree(() =>
          tf.grads((pixels, filter) =>
            tf.sum(tf.square(tf.conv2d(pixels as tf.Tensor4D, filter as tf.Tensor4D, stride, pad))),
          )([draw([x.rows, x.height, x.width, x.channels], 1), draw([kh, kw, x.channels, out], 2)]),
        ),
      ),
      { numRuns: 40 },
    );
  });

  it('agree where the unrolled image is larger than what is unrolled at once', () =>
    agree(() =>
      tf.grads((x, f) => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'))))([
        draw([3, 24, 24, 16], 1),
        draw([3, 3, 16, 5], 2),
      ]),
    ));

  it('agree for any convolution by channel', async () => {
    await fc.assert(
      fc.asyncProperty(image, window, fc.integer({ min: 1, max: 3 }), (x, { kh, kw, stride, pad }, many) =>
        agree(() =>
          tf.grads((pixels, filter) =>
            tf.sum(tf.square(tf.depthwiseConv2d(pixels as tf.Tensor4D, filter as tf.Tensor4D, stride, pad))),
          )([draw([x.rows, x.height, x.width, x.channels], 1), draw([kh, kw, x.channels, many], 2)]),
        ),
      ),
      { numRuns: 40 },
    );
  });

  it('agree for any pool of largest numbers, overlapping or not', async () => {
    await fc.assert(
      fc.asyncProperty(image, window, fc.boolean(), (x, { kh, kw, stride, pad }, below) =>
        agree(() =>
          tf.grad((pixels) => tf.sum(tf.square(tf.maxPool(pixels as tf.Tensor4D, [kh, kw], stride, pad))))(
            tf.sub(draw([x.rows, x.height, x.width, x.channels], 1), below ? 2 : 0),
          ),
        ),
      ),
      { numRuns: 40 },
    );
  });

  it('send the slope of equal numbers to the first of them', async () => {
    const sum = () =>
      tf.grad((x) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')))(tf.zeros([1, 2, 4, 5]));
    const [slopes] = await numbersOn('pack', sum);
    const first = [1, 0, 1, 0, 0, 0, 0, 0].flatMap((slope) => Array(5).fill(slope));
    expect(slopes).toEqual(first);
  });

  it('train a whole small network as the reference does', () =>
    agree(() => {
      const [f1, f2, w] = [draw([3, 3, 1, 4], 1), draw([3, 3, 4, 6], 2), draw([54, 10], 3)].map((start) =>
        tf.variable(tf.mul(start, 0.3)),
      ) as [tf.Variable<tf.Rank.R4>, tf.Variable<tf.Rank.R4>, tf.Variable<tf.Rank.R2>];
      const targets = tf.oneHot(tf.tensor1d([1, 2, 3, 4], 'int32'), 10);
      const optimizer = tf.train.adam(0.01);
      const pooled = (x: tf.Tensor4D, f: tf.Variable<tf.Rank.R4>) =>
        tf.maxPool(tf.relu(tf.conv2d(x, f, 1, 'same')), 2, 2, 'valid');
      const losses = Array.from(
        { length: 3 },
        () =>
          optimizer.minimize(() => {
            const h = tf.reshape(pooled(pooled(draw([4, 12, 12, 1], 9) as tf.Tensor4D, f1), f2), [4, 54]);
            return tf.losses.softmaxCrossEntropy(targets, tf.matMul(h as tf.Tensor2D, w)) as tf.Scalar;
          }, true)!,
      );
      const results = [...losses, f1, f2, w].map((tensor) => tf.clone(tensor));
      tf.dispose([f1, f2, w]);
      optimizer.dispose();
      return results;
    }));
});
