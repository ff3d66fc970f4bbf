/** What a step costs that goes wrong: the fused plan does not compile again what did not change. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FusedPlan } from '../../../nn/fused/plan.ts';
import { createNetwork, createTfjsPlan, openTensorRuntime, widen } from '../../../nn/index.ts';
import { HostNetwork } from '../../../nn/network.ts';
import { Numbers } from '../../../nn/numbers.ts';
import { adam, hostOf, kernelOf, xor, xorInputs, xorTargets } from '../worlds.ts';

/** A fused plan whose compilations are counted by the times that it asks for the weights of the first layer. */
async function damaged() {
  const runtime = await openTensorRuntime('cpu');
  const network = createNetwork({
    ...{ runtime, host: hostOf(), spans: ['layer'], optimizer: adam, runSeed: 7 },
  });
  if (!(network instanceof HostNetwork)) throw new Error('not one of ours');
  network.plant({ seedId: 's', slotId: 'h1/layer', kernel: kernelOf(widen(2, 'tanh')), draw: 0 });
  network.setMode('s', 'live');
  network.setAlpha('s', 0.5);
  const tensors = createTfjsPlan({ runtime, network, optimizer: adam });
  let compilations = 0;
  const working = vi.fn(tensors.step);
  const reference = { ...tensors, step: working };
  const { peek } = Numbers.prototype;
  const plan = new FusedPlan({
    ...{ network, optimizer: adam, reference, say: () => {} },
    helpers: { second: null, nowMs: null, blas: null },
  });
  const spy = vi.spyOn(Numbers.prototype, 'peek').mockImplementation(function (this: Numbers, where) {
    const byPlan = working.mock.calls.length === working.mock.settledResults.length;
    if (byPlan && this === network.state.layers[0]!.parameters.get('w')!.numbers[0]) compilations++;
    return peek.call(this, where);
  });
  const step = (inputs = xorInputs) => plan.step(inputs, xorTargets, 24, { host: 0.01, s: 0.01 });
  return {
    ...{ network, plan, step, working },
    compilations: () => compilations,
    end() {
      spy.mockRestore();
      plan.dispose();
      network.dispose();
    },
  };
}

describe('a fused plan whose network is damaged', () => {
  let world: Awaited<ReturnType<typeof damaged>>;
  beforeEach(async () => {
    world = await damaged();
    return () => world.end();
  });

  it('looks at broken weights once, and leaves every step to tensors until something changes', async () => {
    await world.step();
    world.network.corrupt('s', 'nan');
    const reports = [];
    for (let i = 0; i < 6; i++) reports.push(await world.step());

    expect(reports.map(({ finite, seeds }) => [finite, seeds.s?.finite])).toEqual(
      Array(6).fill([false, false]),
    );
    expect(world.working).toHaveBeenCalledTimes(6);
    expect(world.compilations()).toBe(2);

    world.network.uproot('s');
    expect((await world.step()).finite).toBe(true);
    expect(world.working).toHaveBeenCalledTimes(6);
  });

  it('keeps its program through batches that are not finite', async () => {
    await world.step();
    const before = await world.network.image();
    const broken = xorInputs.slice();
    broken[5] = Number.NaN;
    for (let i = 0; i < 4; i++) expect((await world.step(broken)).finite).toBe(false);

    expect(await world.network.image()).toEqual(before);
    expect(world.compilations()).toBe(1);
    expect((await world.step()).finite).toBe(true);
    expect((await world.plan.evaluate(xor)).loss).toBeGreaterThan(0);
    expect(world.compilations()).toBe(1);
  });
});
