/** Gradients against finite differences, from outside: an SGD step of rate 1 moves a weight by its gradient. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNetwork, type NetworkImage, openTensorRuntime, type TensorRuntime } from '../../nn/index.ts';
import { engines, families, hostOf, sgd, weightsOf, worldOf, xor } from './worlds.ts';

describe.each(engines)('gradients on $backend, fused: $fused', ({ backend, fused }) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime(backend);
  });

  it.each(families)(
    'of a host with a seed in %s agree with finite differences',
    async (slotId, blueprint) => {
      const optimizer = { ...sgd, rate: 0.05 };
      const world = worldOf(runtime, { fused, optimizer });
      world.plant('s1', slotId, blueprint);
      world.network.setMode('s1', 'live');
      world.network.setAlpha('s1', 0.7);
      await world.train(20);
      const before = await world.network.image();
      await world.train(1, { host: 1, s1: 1 });
      const after = await weightsOf(world.network);
      world.dispose();

      for (const { name, data } of before.tensors) {
        const gradient = data.map((old, i) => old - after.get(name)![i]!);
        const i = gradient.reduce((best, g, at) => (Math.abs(g) > Math.abs(gradient[best]!) ? at : best), 0);
        const slope = (await lossWith(before, name, i, 0.01)) - (await lossWith(before, name, i, -0.01));
        expect.soft(Math.abs(slope / 0.02 - gradient[i]!), `${name}[${i}]`).toBeLessThan(2e-3);
      }
    },
  );

  async function lossWith(image: NetworkImage, name: string, at: number, shift: number): Promise<number> {
    const tensors = image.tensors.map((tensor) =>
      tensor.name === name
        ? { ...tensor, data: tensor.data.map((w, i) => (i === at ? w + shift : w)) }
        : tensor,
    );
    const network = loadNetwork({ runtime, optimizer: sgd, runSeed: 7 }, { ...image, tensors });
    const world = worldOf(runtime, { fused, network, optimizer: sgd });
    const { loss } = await world.plan.evaluate(xor);
    world.dispose();
    return loss;
  }

  it('reach a network of softmax outputs as well', async () => {
    const optimizer = { ...sgd, rate: 0.5 };
    const world = worldOf(runtime, {
      fused,
      host: hostOf([4, 2], 'relu', 'softmax_cross_entropy'),
      spans: ['layer'],
      optimizer,
    });
    const inputs = Float32Array.of(1, 0, 0, 1);
    const targets = Float32Array.of(1, 0, 0, 1);
    const first = await world.plan.step(inputs, targets, 2, { host: 0.5 });
    let last = first;
    for (let i = 0; i < 60; i++) last = await world.plan.step(inputs, targets, 2, { host: 0.5 });
    world.dispose();

    expect(last.loss).toBeLessThan(first.loss / 4);
  });
});
