/** What a run is when nobody says otherwise. Tempo is missing on purpose: it follows from the length of the run. */
import type { RunConfig } from '../contracts/index.ts';

type Defaults = Omit<RunConfig, 'growth'> & { growth: Omit<RunConfig['growth'], 'tempo'> };

export const defaults: Defaults = {
  name: 'run',
  seed: 1,
  task: {
    dataset: 'two-spirals',
    options: {},
    dataDir: null,
    trainRows: null,
    validationRows: 'train',
  },
  host: {
    hidden: [8],
    layers: [],
    activation: 'relu',
    outputActivation: 'linear',
    loss: 'softmax_cross_entropy',
    start: 'he',
  },
  training: {
    epochs: 30,
    batch: 32,
    boundaryEpochs: 1,
    optimizer: {
      name: 'adam',
      rate: 0.001,
      momentum: 0.9,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      clipNorm: null,
    },
    rate: { policy: 'constant', minimum: 0, warmupSteps: 0, warmupFactor: 1 },
    goal: null,
    checkpointBoundaries: 1,
    keepCheckpoints: 3,
  },
  growth: {
    enabled: true,
    policy: 'heuristic',
    spans: ['layer'],
    families: [],
    placesPerSlot: 1,
    maxLiveSeeds: 4,
    maxParameters: null,
    targetHidden: [],
    candidatePool: 8,
    blend: 'cosine',
    minGradientRatio: 0.1,
    minContribution: 0.5,
    parameterRent: 0,
    gates: true,
  },
  faults: [],
  backend: 'auto',
};
