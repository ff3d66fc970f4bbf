/** Tables that the fused plan keeps: steps name their rows, and nothing comes out differently. */
import { beforeAll, describe, expect, it } from 'vitest';
import { withBudget } from '../../../nn/adapters/budget.ts';
import { byteRows } from '../../../nn/data/memory-rows.ts';
import {
  createNetwork,
  createPlan,
  createTfjsPlan,
  type HostSpec,
  openTensorRuntime,
  type Rows,
  type TensorRuntime,
  widen,
} from '../../../nn/index.ts';
import { gather } from '../../../nn/rows.ts';
import { adam, kernelOf, weightsOf } from '../worlds.ts';

const INPUTS = 70;
/** More than are listed at a time. */
const COUNT = 2_300;
const BATCH = 48;

const host: HostSpec = {
  inputs: INPUTS,
  layers: [
    { units: 19, activation: 'relu' },
    { units: 3, activation: 'linear' },
  ],
  loss: 'softmax_cross_entropy',
  start: 'he',
};

/** @param filled of 1,000 bytes so many are not zero; of the second half of the table twice as many as of the first */
function tableOf(filled: number): Rows {
  const pixels = Uint8Array.from({ length: COUNT * INPUTS }, (_, i) => {
    const most = i < (COUNT * INPUTS) / 2 ? filled / 2 : filled;
    return (i * 7919) % 1009 < most ? 1 + ((i * 31) % 255) : 0;
  });
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 3);
  const layout = { count: COUNT, width: INPUTS, offset: 0, stride: INPUTS };
  return byteRows(pixels, layout, { kind: 'classes', labels, classes: 3 });
}

const pick = (step: number) => Uint32Array.from({ length: BATCH }, (_, i) => (i * 337 + step * 91) % COUNT);

describe('a table that a plan keeps', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  function world(given: TensorRuntime = runtime) {
    const network = createNetwork({ runtime: given, host, spans: ['layer'], optimizer: adam, runSeed: 3 });
    const plan = createPlan({ runtime: given, network, optimizer: adam });
    const plant = () => {
      network.plant({ seedId: 's', slotId: 'h1/layer', kernel: kernelOf(widen(40, 'relu')), draw: 0 });
      network.setMode('s', 'live');
      network.setAlpha('s', 1);
    };
    const step = (inputs: Parameters<typeof plan.step>[0], targets: Float32Array) =>
      plan.step(inputs, targets, BATCH, { host: 0.01, s: 0.01 });
    const end = () => {
      for (const one of [plan, network]) one.dispose();
    };
    return { network, plan, plant, step, end };
  }

  it('trains and judges a network to the last bit as its rows do, whatever grows', async () => {
    const table = tableOf(300);
    const unknown = { ...table };
    const [ours, theirs] = [world(), world()];
    for (let step = 0; step < 12; step++) {
      const indices = pick(step);
      const { inputs, targets } = gather(table, indices);
      const kept = ours.plan.keeps(table);
      expect(kept).toBe(step > 0);
      const report = await ours.step(kept ? { table, indices } : inputs, targets);
      expect(report).toEqual(await theirs.step(inputs, targets));
      if (step % 3 === 0)
        expect(await ours.plan.evaluate(table)).toEqual(await theirs.plan.evaluate(unknown));
      const snapshot = ours.network.capture();
      if (step % 5 === 1) ours.network.release(snapshot);
      // A larger program pushes tables and snapshots out of its way.
      if (step === 6) for (const { plant } of [ours, theirs]) plant();
    }
    expect(await weightsOf(ours.network)).toEqual(await weightsOf(theirs.network));
    for (const { end } of [ours, theirs]) end();
  });

  it('is one with few numbers that are not zero, which are bytes, and fit', async () => {
    const table = tableOf(300);
    const { plan, step, end } = world();
    const { inputs, targets } = gather(table, pick(0));
    await step(inputs, targets);

    expect([plan.keeps(table), plan.keeps(tableOf(900)), plan.keeps({ ...table })]).toEqual([
      true,
      false,
      false,
    ]);
    end();
    const open = await openTensorRuntime('cpu');
    const small = world(withBudget(open, open.memory().bytes + 400_000));
    await small.step(inputs, targets);

    expect(small.plan.keeps(table)).toBe(false);
    expect(await small.step({ table, indices: pick(0) }, targets)).toMatchObject({ finite: true });
    small.end();
  });

  it('has no other rows', async () => {
    const table = tableOf(300);
    const { plan, step, end } = world();
    const { inputs, targets } = gather(table, pick(0));
    await step(inputs, targets);
    plan.keeps(table);

    await expect(step({ table, indices: pick(0).fill(COUNT) }, targets)).rejects.toThrow(RangeError);
    await expect(step({ table, indices: pick(0).subarray(1) }, targets)).rejects.toMatchObject({
      code: 'NN_BATCH_MISSHAPEN',
    });
    end();
  });

  it('may be named to a plan that keeps none', async () => {
    const table = tableOf(300);
    const [one, other] = [world(), world()];
    const tensors = createTfjsPlan({ runtime, network: one.network, optimizer: adam });
    const again = createTfjsPlan({ runtime, network: other.network, optimizer: adam });
    const indices = pick(1);
    const { inputs, targets } = gather(table, indices);

    expect(tensors.keeps(table)).toBe(false);
    expect(await tensors.step({ table, indices }, targets, BATCH, { host: 0.01 })).toEqual(
      await again.step(inputs, targets, BATCH, { host: 0.01 }),
    );
    for (const { end } of [one, other]) end();
  });
});
