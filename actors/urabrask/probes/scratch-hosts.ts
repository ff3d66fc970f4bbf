/** A small host for every kind of row; its first layer is where kernels are tried. */
import type { RowKind } from '../../../contracts/index.ts';
import type { HostSpec, LayerSpec } from '../../../nn/index.ts';

export const SCRATCH_OUTPUTS = 5;

const output: LayerSpec = { units: SCRATCH_OUTPUTS, activation: 'linear' };
const common = { loss: 'mse', start: 'glorot' } as const;
const squeeze: LayerSpec = { op: 'squeeze', kind: 'mean' };
const conv = (units: number): LayerSpec => ({
  op: 'conv',
  units,
  window: { size: [3, 3], stride: [1, 1], padding: 'same' },
  activation: 'tanh',
});
const pool: LayerSpec = {
  op: 'pool',
  kind: 'mean',
  window: { size: [2, 2], stride: [2, 2], padding: 'valid' },
};

export const SCRATCH_HOSTS: Readonly<Record<RowKind, HostSpec>> = {
  vector: { inputs: 8, layers: [{ units: 12, activation: 'tanh' }, output], ...common },
  // A pool and a second convolution behind the first: what new channels have to find their way through.
  image: {
    inputs: 72,
    inputShape: [6, 6, 2],
    layers: [conv(6), pool, conv(8), squeeze, output],
    ...common,
  },
  sequence: {
    inputs: 32,
    inputShape: [4, 8],
    layers: [{ units: 12, activation: 'tanh' }, { units: 12, activation: 'tanh' }, squeeze, output],
    ...common,
  },
};
