/** A seed in training learns from the host without the host noticing. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTensorRuntime, type TensorRuntime, widen } from '../../nn/index.ts';
import { engines, families, outputsOf, weightsOf, worldOf, xor } from './worlds.ts';

describe.each(engines)('isolation on $backend, fused: $fused', ({ backend, fused }) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime(backend);
  });

  it('leaves every bit of the host as it would be without seeds, at any depth', async () => {
    const alone = worldOf(runtime, { fused });
    const crowded = worldOf(runtime, { fused });
    families.forEach(([slotId, blueprint], i) => {
      crowded.plant(`s${i}`, slotId, blueprint);
      crowded.network.setMode(`s${i}`, 'isolated');
    });
    const one = await alone.train(15);
    const other = await crowded.train(15);
    const [lonely, busy] = [await weightsOf(alone.network), await weightsOf(crowded.network)];
    alone.dispose();
    crowded.dispose();

    expect(other.loss).toBe(one.loss);
    expect(other.hostGradientNorm).toBe(one.hostGradientNorm);
    for (const [name, data] of lonely) expect(busy.get(name), name).toEqual(data);
    for (let i = 0; i < families.length; i++) expect(other.seeds[`s${i}`]!.gradientNorm).toBeGreaterThan(0);
  });

  it('lets a seed lower its own loss while the host rests', async () => {
    const world = worldOf(runtime, { fused });
    world.plant('s1', 'h1/layer', widen(4, 'tanh'));
    world.network.setMode('s1', 'isolated');
    const rates = { host: 0, s1: 0.02 };
    const first = await world.train(1, rates);
    const last = await world.train(80, rates);
    world.dispose();

    expect(first.seeds.s1!.loss).toBe(first.loss);
    expect(last.loss).toBe(first.loss);
    expect(last.seeds.s1!.loss).toBeLessThan(0.9 * first.loss);
  });

  it('sees through live seeds further on: its loss at alpha 1 is what it was told in training', async () => {
    const world = worldOf(runtime, { fused });
    world.plant('near', 'h1/layer', widen(2, 'tanh'));
    world.plant('far', 'h2/residual', families[1]![1]);
    world.network.setMode('far', 'live');
    world.network.setAlpha('far', 0.5);
    world.network.setMode('near', 'isolated');
    await world.train(30);
    const told = (await world.train(1, { host: 0, near: 0, far: 0 })).seeds.near!.loss;
    world.network.setMode('near', 'live');
    world.network.setAlpha('near', 1);
    const { loss } = await world.train(1, { host: 0, near: 0, far: 0 });
    world.dispose();

    expect(loss).toBeCloseTo(told!, 6);
  });

  it('makes a dormant, shadowed or faint seed cost nothing: same bits, same number of kernel calls', async () => {
    const world = worldOf(runtime, { fused });
    await world.train(3);
    const bare = outputsOf(world.network);
    const count = async () => {
      const snapshot = world.network.capture();
      const spent = world.plan.multiplyAdds();
      const { kernels } = await tf.profile(async () => {
        await world.train(1);
        return tf.scalar(0);
      });
      world.network.restore(snapshot);
      world.network.release(snapshot);
      return { kernels: kernels.length, multiplyAdds: world.plan.multiplyAdds() - spent };
    };
    const before = await count();
    families.forEach(([slotId, blueprint], i) => {
      world.plant(`s${i}`, slotId, blueprint);
      world.network.setMode(`s${i}`, (['absent', 'shadow', 'live', 'held', 'shadow'] as const)[i]!);
    });
    const after = await count();
    const outputs = outputsOf(world.network);
    world.dispose();

    expect(before.multiplyAdds).toBeGreaterThan(0);
    expect(before.kernels > 10).toBe(!fused);
    expect(after).toEqual(before);
    expect(outputs).toEqual(bare);
  });

  it('keeps a held seed in the output and its weights at rest', async () => {
    const world = worldOf(runtime, { fused });
    world.plant('s1', 'h1/layer', widen(2, 'tanh'));
    world.network.setMode('s1', 'live');
    world.network.setAlpha('s1', 1);
    await world.train(10);
    world.network.setMode('s1', 'held');
    const before = await weightsOf(world.network);
    const { loss } = await world.plan.evaluate(xor);
    const ablated = await world.plan.evaluate(xor, { without: ['s1'] });
    await world.train(5);
    const after = await weightsOf(world.network);
    world.dispose();

    expect(ablated.loss).not.toBe(loss);
    expect(after.get('s1/unit.w')).toEqual(before.get('s1/unit.w'));
    expect(after.get('host/1.w')).not.toEqual(before.get('host/1.w'));
  });
});
