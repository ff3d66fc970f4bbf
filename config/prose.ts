/** What every setting of a run means, in one line a stranger understands: the source of the JSON schema and of `config explain`. */
import type { RunConfig } from '../contracts/index.ts';

/** Follows the shape of a config: a setting without prose does not compile. */
export type Prose<T> = {
  readonly [K in keyof T]: T[K] extends readonly unknown[]
    ? string
    : T[K] extends object
      ? string extends keyof T[K]
        ? string
        : { readonly about: string; readonly fields: Prose<T[K]> }
      : string;
};

const task: Prose<RunConfig['task']> = {
  dataset: 'What to learn: a generated task, a data set of the cache, or `csv` for a file of your own.',
  options: 'Options of the data set, such as noise, bits, rows or file; `esper data ls` lists them.',
  dataDir: 'Folder with the files; null looks in ESPER_DATA_DIR, then in the cache.',
  trainRows: 'Use only the first n training rows; null uses all that validation leaves.',
  validationRows:
    'Rows kept from the end of the training set to judge by; `train` judges on the training rows.',
};

const host: Prose<RunConfig['host']> = {
  hidden: 'Units of each hidden layer at birth, first layer first.',
  layers:
    'Layers one by one in place of hidden: dense, conv, depthwise, pool, squeeze, norm, activate, dropout, flatten.',
  activation: 'What the hidden layers apply.',
  outputActivation: 'What the last layer applies; `linear` with softmax_cross_entropy.',
  loss: 'What training makes small: softmax_cross_entropy for classes, mse for values.',
  start: 'How first weights are drawn: he suits relu, glorot suits tanh, wide helps hard small tasks.',
};

const optimizer: Prose<RunConfig['training']['optimizer']> = {
  name: 'How gradients become steps.',
  rate: 'Learning rate at full speed.',
  momentum: 'Share of the last step that `momentum` keeps.',
  beta1: 'Decay of the mean of gradients in adam and adamw.',
  beta2: 'Decay of the mean of squared gradients in adam and adamw.',
  epsilon: 'Small number that keeps adam from dividing by zero.',
  weightDecay: 'Share of a weight taken away at every step, times the rate; adamw uses it.',
  clipNorm: 'Global norm above which gradients are scaled down; null never.',
};

const rate: Prose<RunConfig['training']['rate']> = {
  policy: 'How the learning rate moves over the run.',
  minimum: 'The learning rate that `cosine` ends at.',
  warmupSteps: 'Steps that new weights take to reach the full rate.',
  warmupFactor: 'Share of the rate that new weights start at.',
};

const training: Prose<RunConfig['training']> = {
  epochs: 'Times the run goes through the training rows.',
  batch: 'Rows in one optimiser step; `all` takes every row at once.',
  boundaryEpochs:
    'Epochs from one boundary to the next, where the network may change; 0.5 makes two an epoch.',
  optimizer: { about: 'The optimiser and its constants.', fields: optimizer },
  rate: { about: 'How the learning rate moves, and how new weights are warmed up.', fields: rate },
  goal: 'Stops the run early: {metric: accuracy, loss or margin, value}; null runs all epochs.',
  checkpointBoundaries: 'Boundaries from one checkpoint to the next.',
  keepCheckpoints: 'Newest checkpoints kept on disk.',
};

const tempo: Prose<RunConfig['growth']['tempo']> = {
  training: 'Boundaries a seed trains apart, at least; by default 6 % of the run.',
  blending: 'Boundaries over which a seed is blended in; by default 6 % of the run.',
  probation: 'Boundaries a seed is watched at full strength; by default 6 % of the run.',
  shadowSteps: 'Optimiser steps a seed stays out of the output while its contribution is measured.',
  embargo: 'Boundaries a slot rests after a cull; by default 6 % of the run.',
  plateauWindow: 'Boundaries looked back on to see whether learning stalls.',
  plateauGain: 'Percent of validation loss; less gain than this over the window is a plateau.',
  earliest: 'First boundary at which a seed may be planted; by default 2 % of the run.',
  latest: 'No new seed after this share of the run: 0.75 means none in the last quarter.',
  spacing: 'Boundaries from one germination to the next; by default 2 % of the run.',
};

const growth: Prose<RunConfig['growth']> = {
  enabled: 'false trains the host as it was born: the control to compare with.',
  policy:
    'Who decides when: heuristic watches the loss, schedule plants evenly, random is the control of a study.',
  spans: 'Where seeds may grow: inside a layer, around a residual, or in a cascade from the input.',
  families: 'Blueprint families to choose from; empty means all that fit.',
  placesPerSlot: 'Seeds that can live in one slot at the same time.',
  maxLiveSeeds: 'Seeds that can live in the whole network at the same time.',
  maxParameters: 'Parameters the grown network may have; null sets no limit.',
  targetHidden:
    'Final units of each hidden layer, or channels of each convolution; growth stops there. Empty sets no limit.',
  candidatePool: 'Draws weighed against each other before one is planted.',
  blend: 'Shape of the way from 0 to 1 while a seed is blended in.',
  tempo: { about: 'How long stages last, in boundaries; scales with the run by itself.', fields: tempo },
  minGradientRatio:
    'Gradient of a seed to its host, per parameter, below which it only rides along; lower for convolutions.',
  minContribution: 'Percent of validation loss a seed must remove to become permanent.',
  parameterRent: 'Points charged for each natural logarithm of added parameters, relative to the host.',
  gates: 'false lets every seed through: a control, never a product.',
};

export const prose: Prose<RunConfig> = {
  name: 'Name of the run: lower case, digits and dashes; its folder starts with it.',
  seed: 'Fixes every random draw: the same seed gives the same run.',
  task: { about: 'What is learned, and from which rows.', fields: task },
  host: { about: 'The network at birth.', fields: host },
  training: { about: 'How long, how fast and with which optimiser.', fields: training },
  growth: { about: 'Whether, where and how the network grows.', fields: growth },
  faults: 'Faults to inject on purpose, as a rehearsal: list of {kind, atStep}.',
  backend: 'What computes; auto takes the fastest that works here, and ESPER_BACKEND speaks for auto.',
};
