/** The engine room answers rightly, or is not used. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { smokeCheck } from '../../nn/adapters/smoke.ts';
import { openTensorRuntime } from '../../nn/index.ts';
import { worldOf } from './worlds.ts';

describe('a tensor runtime', () => {
  it('is wasm when nobody insists, and says why', async () => {
    const runtime = await openTensorRuntime('auto');

    expect(runtime).toMatchObject({ name: 'wasm', capabilities: { syncRead: true, deterministic: true } });
    expect(runtime.reason).not.toBe('');
  });

  it.each(['wasm', 'cpu'] as const)(
    'of %s passes the smoke check, and one that cannot add does not',
    async (name) => {
      const runtime = await openTensorRuntime(name);
      const liar = {
        ...runtime,
        readPacked: async (tensors: readonly tf.Tensor[]) =>
          (await runtime.readPacked(tensors)).map((value) => value * 1.01),
      };
      const before = runtime.memory().tensors;

      expect(await smokeCheck(runtime)).toBeNull();
      expect(await smokeCheck(liar)).toContain('transposed product');
      expect(runtime.memory().tensors).toBe(before);
    },
  );

  it('reads many tensors packed, in order', async () => {
    const runtime = await openTensorRuntime('wasm');
    const tensors = [runtime.upload(Float32Array.of(1, 2), [2]), runtime.upload(Float32Array.of(3), [1, 1])];
    const packed = await runtime.readPacked(tensors);
    tf.dispose(tensors);

    expect([...packed]).toEqual([1, 2, 3]);
  });

  it('shares the bytes of a snapshot with the weights it was taken of', async () => {
    const runtime = await openTensorRuntime('wasm');
    const world = worldOf(runtime);
    const before = tf.memory();
    const snapshot = world.network.capture();
    const after = tf.memory();
    world.network.release(snapshot);
    world.dispose();

    expect(after.numTensors).toBe(before.numTensors + 18);
    expect(after.numDataBuffers).toBe(before.numDataBuffers);
  });
});
