/** Backends that need packages of their own, where these are installed: the whole way, on whatever device answers. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { installed } from '../../../nn/adapters/packages.ts';
import { createNetwork, createTfjsPlan, openTensorRuntime, type TensorRuntime } from '../../../nn/index.ts';
import {
  adam,
  families,
  furthest,
  hostOf,
  kernelOf,
  weightsOf,
  xor,
  xorInputs,
  xorTargets,
} from '../worlds.ts';

const OFFERED = [
  ['node-gpu', ['@tensorflow/tfjs-node-gpu']],
  ['webgpu', ['webgpu', '@tensorflow/tfjs-backend-webgpu']],
] as const;

/** Five steps with a live seed and one that trains apart, then an evaluation and a fossil. */
async function life(runtime: TensorRuntime) {
  const order = { host: hostOf(), spans: ['layer', 'residual'], optimizer: adam, runSeed: 3 } as const;
  const network = createNetwork({ runtime, ...order });
  const plan = createTfjsPlan({ runtime, network, optimizer: adam });
  for (const [i, mode] of (['live', 'isolated'] as const).entries()) {
    const [slotId, blueprint] = families[i]!;
    network.plant({ seedId: `s${i}`, slotId, kernel: kernelOf(blueprint), draw: 0 });
    network.setAlpha(`s${i}`, 1);
    network.setMode(`s${i}`, mode);
  }
  const rates = { host: 0.01, s0: 0.01, s1: 0.01 };
  for (let step = 0; step < 5; step++) await plan.step(xorInputs.slice(), xorTargets.slice(), 24, rates);
  const snapshot = network.capture();
  network.fossilize('s0');
  const { loss } = await plan.evaluate(xor);
  network.restore(snapshot);
  network.release(snapshot);
  const weights = await weightsOf(network);
  plan.dispose();
  network.dispose();
  return { loss, weights };
}

describe.each(OFFERED)('%s, where its packages are installed', (name, packages) => {
  const here = packages.every(installed);
  it.runIf(here)('lives through steps, seeds, fossils and snapshots as cpu does', async ({ skip }) => {
    const expected = await life(await openTensorRuntime('cpu'));
    const runtime = await openTensorRuntime(name).catch((error: unknown) => String(error));
    if (typeof runtime === 'string') return skip(`no device: ${runtime}`);
    const before = tf.memory().numTensors;
    const found = await life(runtime);

    expect(tf.memory().numTensors).toBe(before);
    expect(found.loss).toBeCloseTo(expected.loss, 4);
    for (const [block, numbers] of expected.weights) {
      expect(furthest(numbers, found.weights.get(block)!)).toBeLessThan(2e-4);
    }
    expect(runtime.device).toMatch(runtime.capabilities.gpu ? /./ : /no GPU device|imitated/);
    runtime.dispose();
  });
});
