/** Batches of bytes: the fused plan takes them as they are, and nothing comes out differently. */
import { beforeAll, describe, expect, it } from 'vitest';
import { keepRows, takeRows } from '../../../nn/data/index.ts';
import { byteRows } from '../../../nn/data/memory-rows.ts';
import { bytesOf, floatsOf } from '../../../nn/data/row-bytes.ts';
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
import { adam, kernelOf, weightsOf } from '../worlds.ts';

const INPUTS = 90;
const COUNT = 40;

const host: HostSpec = {
  inputs: INPUTS,
  layers: [
    { units: 7, activation: 'relu' },
    { units: 3, activation: 'linear' },
  ],
  loss: 'softmax_cross_entropy',
  start: 'he',
};

const pixels = Uint8Array.from({ length: COUNT * INPUTS }, (_, i) =>
  (i * 7919) % 997 < 200 ? (i * 31) % 256 : 0,
);
const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 3);

const table = (): Rows => {
  const layout = { count: COUNT, width: INPUTS, offset: 0, stride: INPUTS };
  return takeRows(keepRows(byteRows(pixels, layout, { kind: 'classes', labels, classes: 3 })), 2, COUNT);
};

/** The same rows, of which nobody knows that they are bytes. */
const asFloats = (rows: Rows): Rows => ({ ...rows });

describe('batches of bytes', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  function grown() {
    const network = createNetwork({ runtime, host, spans: ['layer'], optimizer: adam, runSeed: 3 });
    network.plant({ seedId: 's', slotId: 'h1/layer', kernel: kernelOf(widen(2, 'relu')), draw: 0 });
    network.setMode('s', 'isolated');
    const plan = createPlan({ runtime, network, optimizer: adam });
    return { network, plan, rates: { host: 0.01, s: 0.01 } };
  }

  it('train and judge a network to the last bit as their floats do', async () => {
    const rows = table();
    const [bytes, floats] = [grown(), grown()];
    const indices = Uint32Array.from({ length: 16 }, (_, i) => (i * 5) % rows.count);
    const batch = new Uint8Array(16 * INPUTS);
    bytesOf(rows)!(indices, batch);
    const targets = new Float32Array(16 * 3);
    rows.fillTargets(indices, targets);
    const numbers = new Float32Array(16 * INPUTS);
    rows.fillInputs(indices, numbers);
    expect(floatsOf(batch)).toEqual(numbers);
    for (let step = 0; step < 5; step++) {
      const ours = await bytes.plan.step(batch, targets, 16, bytes.rates);
      expect(bytes.plan.prefersBytes()).toBe(true);
      expect(ours).toEqual(await floats.plan.step(numbers, targets, 16, floats.rates));
    }
    const seen = await bytes.plan.evaluate(rows);
    expect(seen).toEqual(await floats.plan.evaluate(asFloats(rows)));
    expect(await weightsOf(bytes.network)).toEqual(await weightsOf(floats.network));
    for (const { network, plan } of [bytes, floats]) {
      plan.dispose();
      network.dispose();
    }
  });

  it('are taken by the tensor plan too, which would rather have floats', async () => {
    const { network, plan, rates } = grown();
    const tensors = createTfjsPlan({ runtime, network, optimizer: adam });
    expect(tensors.prefersBytes()).toBe(false);
    const batch = pixels.subarray(0, 4 * INPUTS);
    const targets = Float32Array.from({ length: 12 }, (_, i) => Number(i % 4 === 0));
    const report = await tensors.step(batch, targets, 4, rates);
    const again = grown();
    const wanted = await again.plan.step(floatsOf(batch), targets, 4, rates);
    expect(Math.abs(report.loss - wanted.loss)).toBeLessThan(1e-6);
    for (const one of [again, { network, plan }]) {
      one.plan.dispose();
      one.network.dispose();
    }
  });

  it('are not handed on by a table that was made from another one', () => {
    const rows = table();
    expect(bytesOf(rows)).toBeDefined();
    expect(bytesOf(asFloats(rows))).toBeUndefined();
  });

  it('that are all zero do not hide a broken weight', async () => {
    const { network, plan, rates } = grown();
    const targets = new Float32Array(16 * 3);
    const blank = new Uint8Array(16 * INPUTS);
    expect((await plan.step(blank, targets, 16, rates)).seeds.s?.finite).toBe(true);
    network.corrupt('s', 'nan');
    expect((await plan.step(blank, targets, 16, rates)).seeds.s?.finite).toBe(false);
    plan.dispose();
    network.dispose();
  });
});
