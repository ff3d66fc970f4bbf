/** Small hosts of every kind of row, and tables for them, that the tests of convolutions and attention share. */
import { type BlueprintIR, type RowKind, randomStream } from '../../contracts/index.ts';
import {
  createNetwork,
  createTfjsPlan,
  type HostSpec,
  type LayerSpec,
  type Rows,
  type TensorRuntime,
} from '../../nn/index.ts';
import type { Window } from '../../nn/ops.ts';
import { adam, kernelOf, tableOf } from './worlds.ts';

export const windowOf = (side: number, stride = 1, padding: Window['padding'] = 'same'): Window => ({
  size: [side, side],
  stride: [stride, stride],
  padding,
});

export const conv = (units: number, window = windowOf(3)): LayerSpec => ({
  op: 'conv',
  units,
  window,
  activation: 'tanh',
});
export const dense = (units: number, activation: 'tanh' | 'linear' = 'tanh'): LayerSpec => ({
  op: 'dense',
  units,
  activation,
});
export const pool = (kind: 'max' | 'mean' = 'mean', window = windowOf(2, 2, 'valid')): LayerSpec => ({
  op: 'pool',
  kind,
  window,
});
export const squeeze: LayerSpec = { op: 'squeeze', kind: 'mean' };

/** A host over rows of `shape`, with mean square loss and the given layers before its two linear outputs. */
export const hostOver = (shape: readonly number[], ...layers: readonly LayerSpec[]): HostSpec => ({
  inputs: shape.reduce((a, b) => a * b, 1),
  inputShape: shape,
  layers: [...layers, dense(2, 'linear')],
  loss: 'mse',
  start: 'glorot',
});

export const HOSTS: Readonly<Record<RowKind, HostSpec>> = {
  vector: hostOver([6], dense(5), dense(4)),
  image: hostOver([6, 6, 2], conv(4), pool(), conv(5), squeeze, dense(4)),
  sequence: hostOver([5, 4], dense(6), dense(6), squeeze),
};

/** 16 rows of noise; the targets are products of sums over them, so that no host knows them yet. */
export function rowsFor({ inputs }: HostSpec, count = 16): Rows {
  const random = randomStream('landscapes');
  const x = Array.from({ length: count }, () => Array.from({ length: inputs }, () => random.normal()));
  const sum = (row: readonly number[], step: number) =>
    row.reduce((total, value, i) => total + (i % step === 0 ? value : 0), 0) / Math.sqrt(inputs / step);
  const y = x.map((row) => [Math.tanh(sum(row, 1)), Math.tanh(sum(row, 2) * sum(row, 3))]);
  return tableOf(x, y, 'values');
}

/** Everything of a table, as a batch. */
export function batchOf(rows: Rows) {
  const all = Uint32Array.from({ length: rows.count }, (_, i) => i);
  const x = new Float32Array(rows.count * rows.inputs);
  const y = new Float32Array(rows.count * rows.outputs);
  rows.fillInputs(all, x);
  rows.fillTargets(all, y);
  return { x, y, count: rows.count };
}

/** A living host of a kind, with full-batch steps. */
export function landOf(runtime: TensorRuntime, host: HostSpec, optimizer = adam) {
  const network = createNetwork({
    runtime,
    host,
    spans: ['layer', 'residual', 'cascade'],
    optimizer,
    runSeed: 11,
  });
  const plan = createTfjsPlan({ runtime, network, optimizer });
  const rows = rowsFor(host);
  const { x, y, count } = batchOf(rows);
  return {
    network,
    plan,
    rows,
    async train(steps: number, rate: Readonly<Record<string, number>> = {}) {
      const ids = ['host', ...network.seeds().map(({ seedId }) => seedId)];
      const rates = { ...Object.fromEntries(ids.map((id) => [id, optimizer.rate])), ...rate };
      let report = await plan.step(x, y, count, rates);
      for (let i = 1; i < steps; i++) report = await plan.step(x, y, count, rates);
      return report;
    },
    plant: (seedId: string, slotId: string, blueprint: BlueprintIR) =>
      network.plant({ seedId, slotId, kernel: kernelOf(blueprint), draw: 0 }),
    wake(seedId: string, alpha = 1) {
      network.setMode(seedId, 'live');
      network.setAlpha(seedId, alpha);
    },
    dispose() {
      plan.dispose();
      network.dispose();
    },
  };
}
