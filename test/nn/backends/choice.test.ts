/** Which engine room is opened, why, and what it refuses. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from '../../../contracts/index.ts';
import { settleNativeLibraries } from '../../../nn/adapters/native-settings.ts';
import { installed } from '../../../nn/adapters/packages.ts';
import { describeRuntime, openTensorRuntime, type TensorRuntime, timeSteps } from '../../../nn/index.ts';
import { adam, hostOf } from '../worlds.ts';

const absent = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node', 'webgpu'].every(
  (name) => !installed(name),
);

describe('the choice of a backend', () => {
  it('says what was looked at and why it was passed over', async () => {
    const runtime = await openTensorRuntime('auto');
    const passed = runtime.tried.filter(({ whyNot }) => whyNot !== null);

    expect(runtime.tried.find(({ name }) => name === runtime.name)?.whyNot).toBeNull();
    for (const { name, whyNot } of passed) expect(describeRuntime(runtime)).toContain(`${name}: ${whyNot}`);
    expect(describeRuntime(runtime)).toContain(runtime.reason);
  });

  it.runIf(absent)('looks past packages that are not installed, in order, and times nothing', async () => {
    const runtime = await openTensorRuntime('auto', {
      calibrate: () => Promise.reject(new Error('there is nothing to compare')),
    });

    expect(runtime.name).toBe('wasm');
    expect(runtime.tried.map(({ name }) => name)).toEqual(BACKENDS.slice(0, 4));
    expect(runtime.tried[0]?.whyNot).toBe('@tensorflow/tfjs-node-gpu not installed');
  });

  it.runIf(absent).each(['node-gpu', 'node-cpu', 'webgpu'] as const)(
    'refuses %s when it is demanded and not there, with the next step',
    async (name) => {
      const refused = await openTensorRuntime(name).catch((error: unknown) => error);

      expect(refused).toMatchObject({ code: 'NN_BACKEND_UNUSABLE', details: { backend: name } });
      expect((refused as { hint: string }).hint).toMatch(/gpu/);
    },
  );

  it('stays among what it may choose from', async () => {
    const runtime = await openTensorRuntime('auto', { among: ['cpu'] });

    expect(runtime.name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
  });

  it('has the package that is there and misses the one that is not', () => {
    expect(installed('@tensorflow/tfjs')).toBe(true);
    expect(installed('@tensorflow/tfjs-of-nobody')).toBe(false);
  });
});

describe('a memory budget', () => {
  it('refuses the upload that would not fit, and takes the one that does', async () => {
    const open = await openTensorRuntime('wasm');
    const runtime = await openTensorRuntime('wasm', { maxBytes: open.memory().bytes + 4000 });
    const fits = runtime.upload(new Float32Array(900), [900]);

    expect(runtime.capabilities.maxBytes).toBeLessThan(open.capabilities.maxBytes!);
    expect(() => runtime.upload(new Float32Array(900), [900])).toThrow(
      expect.objectContaining({ code: 'NN_OUT_OF_MEMORY', hint: expect.stringContaining('ESPER_MEMORY_MB') }),
    );
    fits.dispose();
    runtime.upload(new Float32Array(900), [900]).dispose();
  });
});

describe('timing a model', () => {
  it('is the middle of its steps by the clock it is given, and leaves no tensor', async () => {
    const runtime = await openTensorRuntime('wasm');
    const before = tf.memory().numTensors;
    let looks = 0;
    const ms = await timeSteps(runtime, { host: hostOf(), optimizer: adam, batch: 4 }, () => 3 * looks++);

    expect(ms).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('packed reads of a distant memory', () => {
  it('come back in order, as those of a near one do', async () => {
    const near = await openTensorRuntime('cpu');
    const { engineRuntime } = await import('../../../nn/adapters/engine.ts');
    const far: TensorRuntime = engineRuntime({ name: 'webgpu', reason: 'a test', peek: null });
    const tensors = [far.upload(Float32Array.of(1, 2, 3, 4), [2, 2]), far.upload(Float32Array.of(5), [])];

    expect(await far.readPacked(tensors)).toEqual(await near.readPacked(tensors));
    expect(far.capabilities).toMatchObject({ syncRead: false });
    expect(() => far.peek(tensors[0]!)).toThrow(expect.objectContaining({ code: 'NN_NO_SYNC_READ' }));
    expect(await far.readPacked([])).toHaveLength(0);
    tf.dispose(tensors);
  });
});

describe('the settings of native libraries', () => {
  it('are set where nobody chose otherwise', () => {
    const env: Record<string, string | undefined> = { TF_NUM_INTRAOP_THREADS: '8' };
    settleNativeLibraries(env);

    expect(env).toMatchObject({ TF_FORCE_GPU_ALLOW_GROWTH: 'true', TF_NUM_INTRAOP_THREADS: '8' });
  });
});
