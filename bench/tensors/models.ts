/** The three models that tensor figures are about: a small net, a larger one, and one that sees. */
import { randomStream } from '../../contracts/index.ts';
import type { HostSpec, LayerSpec } from '../../nn/index.ts';

export const MODEL_NAMES = ['s', 'b', 'c'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

export interface Model {
  readonly host: HostSpec;
  /** Rows of a batch. */
  readonly rows: number;
}

const OUTPUTS = 10;
const out = { units: OUTPUTS, activation: 'linear' } as const;
const relu = (units: number) => ({ units, activation: 'relu' }) as const;
const soft = { loss: 'softmax_cross_entropy', start: 'he' } as const;
const conv = (units: number): LayerSpec => ({
  op: 'conv',
  units,
  window: { size: [3, 3], stride: [1, 1], padding: 'same' },
  activation: 'relu',
});
const pool: LayerSpec = {
  op: 'pool',
  kind: 'max',
  window: { size: [2, 2], stride: [2, 2], padding: 'valid' },
};

export const MODELS: Readonly<Record<ModelName, Model>> = {
  s: { rows: 32, host: { ...soft, inputs: 64, layers: [relu(64), out] } },
  b: { rows: 128, host: { ...soft, inputs: 784, layers: [relu(256), relu(128), out] } },
  c: {
    rows: 64,
    host: {
      ...soft,
      inputs: 784,
      inputShape: [28, 28, 1],
      layers: [conv(8), pool, conv(16), pool, { op: 'reshape', shape: [784] }, out],
    },
  },
};

/** A batch that is the same in every process: inputs `[rows, inputs]`, targets `[rows, 10]`, one-hot. */
export function batchOf({ host, rows }: Model) {
  const random = randomStream('bench/tensors');
  const inputs = Float32Array.from({ length: rows * host.inputs }, () => random.normal());
  const targets = new Float32Array(rows * OUTPUTS);
  for (let row = 0; row < rows; row++) targets[row * OUTPUTS + random.below(OUTPUTS)] = 1;
  return { inputs, targets };
}
