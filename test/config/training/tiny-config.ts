/** A task that takes milliseconds: what the tests of whole runs train on. */
import { defaults } from '../../../config/defaults.ts';
import { tempoFor } from '../../../config/tempo.ts';
import type { RunConfig } from '../../../contracts/index.ts';

type Growth = RunConfig['growth'];

/** Two moons, 48 rows, 3 steps an epoch, a boundary each epoch; seeds live fast. */
export function tinyConfig(
  fields: {
    growth?: Partial<Omit<Growth, 'tempo'>> & { tempo?: Partial<Growth['tempo']> };
    training?: Partial<RunConfig['training']>;
    host?: Partial<RunConfig['host']>;
    faults?: RunConfig['faults'];
    seed?: number;
  } = {},
): RunConfig {
  const epochs = fields.training?.epochs ?? 20;
  const tempo = {
    training: 1,
    blending: 2,
    probation: 1,
    shadowSteps: 1,
    embargo: 1,
    earliest: 1,
    spacing: 2,
  };
  return {
    ...defaults,
    seed: fields.seed ?? 1,
    task: { ...defaults.task, dataset: 'moons', options: { rows: 48, testRows: 32, noise: 0.1 } },
    host: { ...defaults.host, hidden: [3], activation: 'tanh', start: 'glorot', ...fields.host },
    training: {
      ...defaults.training,
      batch: 16,
      epochs,
      optimizer: { ...defaults.training.optimizer, rate: 0.01 },
      keepCheckpoints: 50,
      ...fields.training,
    },
    growth: {
      ...defaults.growth,
      policy: 'schedule',
      candidatePool: 2,
      minContribution: 0.01,
      ...fields.growth,
      tempo: { ...tempoFor(epochs, 1), ...tempo, ...fields.growth?.tempo },
    },
    faults: fields.faults ?? [],
    backend: 'wasm',
  };
}
