/** Steps whose weights stay on the device are the steps of the reference. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OptimizerConfig } from '../../contracts/index.ts';
import { openTensorRuntime, type TensorRuntime, widen, widenMap } from '../../nn/index.ts';
import {
  adam,
  families,
  furthest,
  hostOf,
  kernelOf,
  sgd,
  tableOf,
  type World,
  weightsOf,
  worldOf,
} from './worlds.ts';

/** The same tensors behind a wall: whoever reads them at once fails, as on a GPU that has no such reads. */
const walled = (runtime: TensorRuntime): TensorRuntime => ({
  ...runtime,
  capabilities: { ...runtime.capabilities, syncRead: false },
  peek: () => {
    throw new Error('no synchronous reads here');
  },
});

const OPTIMIZERS: readonly OptimizerConfig[] = [
  sgd,
  { ...sgd, name: 'momentum', weightDecay: 0.01 },
  adam,
  { ...adam, name: 'adamw', weightDecay: 0.02, clipNorm: 0.5 },
];

async function apart(one: World, other: World): Promise<number> {
  const [a, b] = [await weightsOf(one.network), await weightsOf(other.network)];
  expect([...a.keys()]).toEqual([...b.keys()]);
  return Math.max(...[...a].map(([name, data]) => furthest(data, b.get(name)!)));
}

/** Two worlds of the same seed, one of them behind the wall. */
async function pair(name: 'wasm' | 'cpu', options: Parameters<typeof worldOf>[1] = {}) {
  const runtime = await openTensorRuntime(name);
  return [worldOf(runtime, options), worldOf(walled(runtime), options)] as const;
}

describe.each(['wasm', 'cpu'] as const)('a step on a device (%s)', (name) => {
  it('writes the weights and reports the norms of the reference, for every optimiser and mix of seeds', async () => {
    const seeds = fc.array(
      fc.record({
        family: fc.nat(families.length - 1),
        mode: fc.constantFrom('isolated', 'live', 'held', 'shadow'),
        alpha: fc.constantFrom(0.25, 1),
      }),
      { maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(...OPTIMIZERS), async (planted, optimizer) => {
        const [reference, device] = await pair(name, { optimizer });
        for (const world of [reference, device]) {
          planted.forEach(({ family, mode, alpha }, i) => {
            const [slotId, blueprint] = families[family]!;
            world.plant(`s${i}`, slotId, blueprint);
            world.network.setAlpha(`s${i}`, alpha);
            world.network.setMode(`s${i}`, mode as 'live');
          });
        }
        const [expected, found] = [await reference.train(3), await device.train(3)];

        expect(device.plan.name).toBe(`device-${name}`);
        expect(found.loss).toBeCloseTo(expected.loss, 5);
        expect(found.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
        expect(Object.keys(found.seeds)).toEqual(Object.keys(expected.seeds));
        expect(await apart(reference, device)).toBeLessThan(1e-5);
        expect(device.plan.multiplyAdds()).toBe(reference.plan.multiplyAdds());
        for (const world of [reference, device]) world.dispose();
      }),
      { numRuns: 12 },
    );
  });

  it('gives weights that joined late the corrections of their own age', async () => {
    const [reference, device] = await pair(name);
    for (const world of [reference, device]) {
      await world.train(4);
      world.plant('s', 'h1/layer', widen(3, 'tanh'));
      world.network.setAlpha('s', 1);
      world.network.setMode('s', 'live');
      await world.train(2);
      expect(world.network.fossilize('s').merged).toBe(true);
      await world.train(3);
    }

    expect(await apart(reference, device)).toBeLessThan(1e-5);
    for (const world of [reference, device]) world.dispose();
  });

  it('moves the running figures of a seed that learns alone, and of nobody else', async () => {
    const [dense, ...rest] = hostOf().layers;
    const norm = { op: 'norm', how: { kind: 'batch', epsilon: 1e-3, momentum: 0.9 } } as const;
    const [reference, device] = await pair(name, { host: { ...hostOf(), layers: [dense!, norm, ...rest] } });
    for (const world of [reference, device]) {
      world.plant('s', 'h1/layer', widenMap(2, 'tanh'));
      world.network.setMode('s', 'isolated');
      await world.train(3);
    }
    const figures = (await weightsOf(device.network)).get('s/way.h2.mean')!;

    expect(figures.every((mean) => Math.abs(mean) > 1e-6)).toBe(true);
    expect(await apart(reference, device)).toBeLessThan(1e-5);
    for (const world of [reference, device]) world.dispose();
  });

  it('writes nothing that is not finite and names the same seed', async () => {
    const [reference, device] = await pair(name);
    for (const world of [reference, device]) {
      for (const [i, seedId] of ['good', 'bad'].entries()) {
        world.plant(seedId, ...families[i]!);
        world.network.setAlpha(seedId, 1);
        world.network.setMode(seedId, 'live');
      }
      world.network.corrupt('bad', 'nan');
    }
    const before = await weightsOf(device.network);
    const [expected, found] = [await reference.train(1), await device.train(1)];

    expect(found.finite).toBe(false);
    expect(found.seeds.bad?.finite).toBe(false);
    expect(found.seeds).toEqual(expected.seeds);
    expect(await weightsOf(device.network)).toEqual(before);
    for (const world of [reference, device]) world.dispose();
  });

  it('learns classes from logits and judges, scores and saves without a synchronous read', async () => {
    const inputs = Array.from({ length: 30 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const rows = tableOf(
      inputs,
      inputs.map(([x]) => (x! > 0 ? [1, 0] : [0, 1])),
      'classes',
    );
    const host = hostOf([5, 2], 'relu', 'softmax_cross_entropy');
    const [reference, device] = await pair(name, { host });
    const draws = families
      .slice(0, 1)
      .map(([slotId, blueprint]) => ({ slotId, kernel: kernelOf(blueprint), draw: 0, seedId: 's1' }));
    const results = [];
    for (const { plan, network } of [reference, device]) {
      const flat = Float32Array.from(inputs.flat() as number[]);
      const targets = new Float32Array(60);
      rows.fillTargets(
        inputs.map((_, i) => i),
        targets,
      );
      const { loss } = await plan.step(flat, targets, 30, { host: 0.05 });
      const score = (await plan.score(draws, rows))[0]!.score;
      expect((await network.image()).tensors).not.toHaveLength(0);
      results.push({ loss, score, judged: (await plan.evaluate(rows)).loss });
    }
    const [expected, found] = results as [(typeof results)[0], (typeof results)[0]];

    expect(found.loss).toBeCloseTo(expected.loss, 5);
    expect(found.judged).toBeCloseTo(expected.judged, 5);
    expect(found.score / expected.score).toBeCloseTo(1, 4);
    for (const world of [reference, device]) world.dispose();
  });

  it('leaves no tensor behind, whether it writes or not', async () => {
    const [, device] = await pair(name);
    await device.train(2);
    const before = tf.memory().numTensors;
    await device.train(3);
    device.plant('s', ...families[0]!);
    device.network.corrupt('s', 'nan');
    device.network.setAlpha('s', 1);
    device.network.setMode('s', 'live');
    await device.train(2);
    device.network.uproot('s');

    expect(tf.memory().numTensors).toBe(before);
    device.dispose();
  });

  it('refuses to write into a network that was changed meanwhile', async () => {
    const [, device] = await pair(name);
    const step = device.train(1);
    device.network.release(device.network.capture());
    device.network.restore(device.network.capture());

    await expect(step).rejects.toMatchObject({ code: 'NN_STEP_DISTURBED' });
    device.dispose();
  });
});
