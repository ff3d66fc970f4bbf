/** Steps that must not happen are not taken, and those that happen touch only what they should. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openTensorRuntime, type TensorRuntime, widen } from '../../nn/index.ts';
import {
  adam,
  engines,
  hostOf,
  kernelOf,
  outputsOf,
  weightsOf,
  worldOf,
  xor,
  xorInputs,
  xorTargets,
} from './worlds.ts';

/** A host whose outputs are not squashed, so that an explosion reaches the loss. */
const openEnded = {
  ...hostOf(),
  layers: hostOf().layers.map((layer, i) => (i === 2 ? { ...layer, activation: 'linear' as const } : layer)),
};

describe.each(engines)('a step on $backend, fused: $fused', ({ backend, fused }) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime(backend);
  });

  it('moves the new weights of a seed at once, and planting leaves old weights and moments alone', async () => {
    const world = worldOf(runtime, { fused });
    await world.train(20);
    const before = await weightsOf(world.network);
    const outputs = outputsOf(world.network);
    world.plant('s1', 'h2/layer', widen(2, 'tanh'));
    world.network.setMode('s1', 'live');
    world.network.setAlpha('s1', 1);
    const planted = await weightsOf(world.network);
    const same = outputsOf(world.network);
    await world.train(1);
    const after = await weightsOf(world.network);
    world.dispose();

    for (const [name, data] of before) expect(planted.get(name), name).toEqual(data);
    expect(same).toEqual(outputs);
    expect([...planted.get('s1/out.w')!]).toEqual([0, 0]);
    // Adam's first step is the full rate, which only holds when the weight's own age corrects its moments.
    for (const weight of after.get('s1/out.w')!) expect(Math.abs(weight)).toBeCloseTo(adam.rate, 5);
  });

  it('writes nothing when a live seed is not finite, and names that seed only', async () => {
    const world = worldOf(runtime, { fused });
    for (const seedId of ['good', 'bad']) {
      world.plant(seedId, 'h1/layer', widen(2, 'tanh'));
      world.network.setMode(seedId, 'live');
      world.network.setAlpha(seedId, 1);
    }
    await world.train(3);
    world.network.corrupt('bad', 'nan');
    const before = await weightsOf(world.network);
    const report = await world.train(1);
    const after = await weightsOf(world.network);
    world.dispose();

    expect(report.finite).toBe(false);
    expect([report.seeds.good!.finite, report.seeds.bad!.finite]).toEqual([true, false]);
    for (const [name, data] of before) expect(after.get(name), name).toEqual(data);
  });

  it('goes on for the host when an isolated seed is not finite', async () => {
    const world = worldOf(runtime, { fused });
    world.plant('bad', 'h1/layer', widen(2, 'relu'));
    world.network.setMode('bad', 'isolated');
    world.network.corrupt('bad', 'nan');
    const before = await weightsOf(world.network);
    const report = await world.train(1);
    const after = await weightsOf(world.network);
    world.dispose();

    expect(report.finite).toBe(true);
    expect(report.seeds.bad!.finite).toBe(false);
    expect(after.get('bad/unit.w')).toEqual(before.get('bad/unit.w'));
    expect(after.get('host/1.w')).not.toEqual(before.get('host/1.w'));
  });

  it('shows an exploding seed by its gradient, and clipping keeps the host in one piece', async () => {
    const world = worldOf(runtime, {
      fused,
      host: openEnded,
      optimizer: { ...adam, name: 'sgd', clipNorm: 1 },
    });
    world.plant('hot', 'h2/layer', widen(1, 'relu'));
    world.network.setMode('hot', 'live');
    world.network.setAlpha('hot', 0.1);
    const calm = await world.train(1);
    const before = await weightsOf(world.network);
    world.network.corrupt('hot', 'explode');
    const report = await world.train(1);
    const after = await weightsOf(world.network);
    world.dispose();

    expect(report.finite).toBe(true);
    expect(report.gradientNorm).toBeGreaterThan(1e3 * calm.gradientNorm);
    for (const name of ['host/1.w', 'host/3.w']) {
      after.get(name)!.forEach((w, i) => {
        expect(Math.abs(w - before.get(name)![i]!)).toBeLessThanOrEqual(0.0101);
      });
    }
  });

  it('takes every rate from outside and misses none in silence', async () => {
    const world = worldOf(runtime, { fused });
    world.plant('s1', 'h1/layer', widen(2, 'tanh'));
    world.network.setMode('s1', 'isolated');

    await expect(world.train(1, { host: 0.1 })).rejects.toMatchObject({ code: 'NN_RATE_MISSING' });
    await expect(world.plan.step(xorInputs, xorTargets, 23, { host: 0.1, s1: 1 })).rejects.toMatchObject({
      code: 'NN_BATCH_MISSHAPEN',
    });
    world.dispose();
  });

  it.each(['sgd', 'momentum', 'adam', 'adamw'] as const)('learns exclusive or with %s', async (name) => {
    const rate = name === 'sgd' ? 0.5 : 0.05;
    const world = worldOf(runtime, {
      fused,
      optimizer: { ...adam, name, rate, weightDecay: 1e-4 },
      spans: [],
    });
    const first = await world.train(1);
    const last = await world.train(150);
    world.dispose();

    expect(last.loss).toBeLessThan(first.loss * 0.6);
  });

  it('counts one product forward and two back, candidates and evaluations included', async () => {
    const world = worldOf(runtime, { fused, spans: ['layer'] });
    const perRow = 2 * 4 + 4 * 3 + 3 * 1;
    await world.train(1);

    expect(world.plan.multiplyAdds()).toBe(24 * 3 * perRow);
    await world.plan.evaluate(xor);
    expect(world.plan.multiplyAdds()).toBe(24 * 4 * perRow);
    const draw = { slotId: 'h2/layer', kernel: kernelOf(widen(2, 'tanh')), draw: 0, seedId: 's1' };
    await world.plan.score([draw], xor);
    // The pass needs the gradient at the output alone; the candidate learns in its outgoing map only.
    expect(world.plan.multiplyAdds()).toBe(24 * (5 * perRow + 4 * 2 + 3 * 2 * 1));
    world.dispose();
  });
});
