/** What stock wasm gets wrong without a word, and what becomes of it with the kernel pack. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { WasmBackend } from '../../../nn/adapters/pack-heap.ts';
import { difference, draw, type Engine, numbersOn, openEngine } from './engines.ts';

/** How far an engine is from the reference. */
const errorOf = async (engine: Engine, sum: () => tf.Tensor) =>
  difference(await numbersOn(engine, sum), await numbersOn('cpu', sum));

describe('silent errors of the stock wasm backend', () => {
  it('loses the gradient of a pool over negative numbers; the pack keeps it', async () => {
    const below = () =>
      tf.tensor4d(
        [-1, -2, -3, -4, -5, -6, -7, -8].flatMap((v) => [v, v - 8]),
        [1, 4, 4, 1],
      );
    const sum = () => tf.grad((x) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')))(below());
    expect(await errorOf('stock', sum)).toBeGreaterThan(0.1);
    expect(await errorOf('pack', sum)).toBe(0);
  });

  it.each(['a', 'b', 'batch'])(
    'adds the bias once for each block of 48 with a turned %s; the pack adds it once',
    async (what) => {
      const batch = what === 'batch' ? 2 : 1;
      const sum = () =>
        tf.fused.matMul({
          a: draw(what === 'a' ? [batch, 100, 3] : [batch, 3, 100], 1) as tf.Tensor3D,
          b: draw(what === 'b' ? [batch, 3, 100] : [batch, 100, 3], 2) as tf.Tensor3D,
          transposeA: what === 'a',
          transposeB: what === 'b',
          bias: tf.tensor1d([1, 2, 3]),
          activation: 'relu',
        });
      expect(await errorOf('stock', sum)).toBeGreaterThan(0.1);
      expect(await errorOf('pack', sum)).toBeLessThan(1e-5);
    },
  );

  it('answers zero where the stride is longer than the window; the pack sees the window', async () => {
    const sum = () =>
      tf.conv2d(draw([1, 3, 3, 1], 1) as tf.Tensor4D, draw([2, 1, 1, 1], 2) as tf.Tensor4D, 3, 'same');
    expect(await errorOf('stock', sum)).toBeGreaterThan(0.1);
    expect(await errorOf('pack', sum)).toBeLessThan(1e-6);
  });

  it('hands out offset 0 from a full heap; the pack refuses, and the rest stays usable', async () => {
    const fill = (): { readonly offsets: readonly number[]; readonly refusal: unknown } => {
      const backend = tf.backend() as unknown as WasmBackend;
      const made: tf.TensorInfo[] = [];
      try {
        // Untouched pages cost nothing: only addresses run out.
        while (made.length < 9) made.push(backend.makeOutput([2 ** 27], 'float32'));
        return {
          offsets: made.map(({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset),
          refusal: null,
        };
      } catch (refusal) {
        return { offsets: [], refusal };
      } finally {
        for (const { dataId } of made) backend.disposeData(dataId, true);
      }
    };
    await openEngine('pack');
    const before = tf.engine().backend.numDataIds();
    expect(fill().refusal).toMatchObject({ code: 'NN_OUT_OF_MEMORY' });
    expect(tf.engine().backend.numDataIds()).toBe(before);
    expect(await numbersOn('pack', () => tf.add(tf.scalar(1), tf.scalar(2)))).toEqual([[3]]);
    await openEngine('stock');
    expect(fill().offsets).toContain(0);
  });

  it('writes refused numbers over the allocator; the pack refuses before anything is written', async () => {
    await openEngine('pack');
    const backend = tf.backend() as unknown as WasmBackend;
    const old = tf.tensor([1, 2, 3]);
    const made: tf.TensorInfo[] = [];
    for (let size = 2 ** 27; size >= 2 ** 18; size /= 2) {
      const room = () => {
        try {
          return made.push(backend.makeOutput([size], 'float32'));
        } catch {
          return 0;
        }
      };
      while (room() > 0);
    }
    const numbers = new Float32Array(2 ** 20).fill(1);

    expect(() => tf.tensor(numbers)).toThrow(expect.objectContaining({ code: 'NN_OUT_OF_MEMORY' }));
    expect(Array.from(await old.data())).toEqual([1, 2, 3]);
    for (const { dataId } of made) backend.disposeData(dataId, true);
    const apart = [tf.tensor(numbers), tf.zeros([2 ** 20]), tf.tensor(numbers)];
    const offsets = apart.map(({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset);

    expect(new Set(offsets).size).toBe(3);
    expect(await numbersOn('pack', () => apart.map((tensor) => tf.sum(tensor)))).toEqual([
      [2 ** 20],
      [0],
      [2 ** 20],
    ]);
    tf.dispose([old, ...apart]);
  });

  it('cannot train a convolution at all', async () => {
    const sum = () =>
      tf.grad((f) => tf.sum(tf.conv2d(draw([1, 4, 4, 1], 1) as tf.Tensor4D, f as tf.Tensor4D, 1, 'same')))(
        draw([3, 3, 1, 2], 2),
      );
    await expect(numbersOn('stock', sum)).rejects.toThrow('Conv2DBackpropFilter');
    expect(await errorOf('pack', sum)).toBeLessThan(1e-5);
  });
});
