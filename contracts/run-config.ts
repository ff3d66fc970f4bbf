/** One training run, fully specified: every field present, nothing optional. The YAML a person writes is compiled into this. */
import { type Static, Type } from '@sinclair/typebox';
import { Activation } from './blueprint.ts';
import { Alpha, Count } from './units.ts';

const Positive = Type.Number({ exclusiveMinimum: 0 });
const Natural = Type.Integer({ minimum: 1 });
const strict = { additionalProperties: false } as const;

export const TaskConfig = Type.Object(
  {
    dataset: Type.String({
      description:
        '`two-spirals`, `parity`, `moons`, `teacher-student`, `mnist`, `fashion-mnist`, `cifar10`, `optdigits`, `iris` or `csv`',
    }),
    /** Generator and reader options: noise, bits, rows, files ... as the data set documents them. */
    options: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()])),
    dataDir: Type.Union([Type.String(), Type.Null()], {
      description: 'folder with the files; null looks in ESPER_DATA_DIR, then in the cache',
    }),
    trainRows: Type.Union([Natural, Type.Null()], {
      description: 'use only the first n rows; null uses all that validation leaves',
    }),
    validationRows: Type.Union([Count, Type.Literal('train')], {
      description:
        'rows kept from the end of the training set; `train` judges on the training rows themselves',
    }),
  },
  strict,
);
export type TaskConfig = Static<typeof TaskConfig>;

const Pooling = Type.Union([Type.Literal('mean'), Type.Literal('max')]);
const Side = Type.Integer({ minimum: 1, maximum: 64 });
const window = {
  /** Side of the square window: 3 for maps, 2 for pools, unless said. */
  size: Type.Optional(Side),
  /** Pixels from one window to the next: 1 for maps, the size of the window for pools. */
  stride: Type.Optional(Side),
};
/** The host's own unless said. */
const activated = { activation: Type.Optional(Activation) };

/** A layer of a host that is more than a list of hidden widths. The output layer is not written down: the task knows it. */
export const HostLayer = Type.Union([
  Type.Object({ op: Type.Literal('dense'), units: Natural, ...activated }, strict),
  Type.Object({ op: Type.Literal('conv'), units: Natural, ...window, ...activated }, strict),
  Type.Object({ op: Type.Literal('depthwise'), ...window, ...activated }, strict),
  Type.Object({ op: Type.Literal('pool'), kind: Type.Optional(Pooling), ...window }, strict),
  Type.Object({ op: Type.Literal('squeeze'), kind: Type.Optional(Pooling) }, strict),
  Type.Object(
    {
      op: Type.Literal('norm'),
      kind: Type.Optional(Type.Union([Type.Literal('batch'), Type.Literal('layer')])),
    },
    strict,
  ),
  Type.Object({ op: Type.Literal('activate'), ...activated }, strict),
  Type.Object({ op: Type.Literal('dropout'), rate: Type.Number({ minimum: 0, maximum: 0.95 }) }, strict),
  Type.Object({ op: Type.Literal('flatten') }, strict),
]);
export type HostLayer = Static<typeof HostLayer>;

export const HostConfig = Type.Object(
  {
    hidden: Type.Array(Natural, { description: 'units of each hidden layer at birth' }),
    /** In place of `hidden`, where there is any; runs from before there were such hosts have none. */
    layers: Type.Optional(Type.Array(HostLayer)),
    activation: Activation,
    outputActivation: Activation,
    loss: Type.Union([Type.Literal('softmax_cross_entropy'), Type.Literal('mse')]),
    start: Type.Union([Type.Literal('he'), Type.Literal('glorot'), Type.Literal('wide')]),
  },
  strict,
);
export type HostConfig = Static<typeof HostConfig>;

export const OptimizerConfig = Type.Object(
  {
    name: Type.Union([
      Type.Literal('sgd'),
      Type.Literal('momentum'),
      Type.Literal('adam'),
      Type.Literal('adamw'),
    ]),
    rate: Positive,
    momentum: Alpha,
    beta1: Alpha,
    beta2: Alpha,
    epsilon: Positive,
    weightDecay: Type.Number({ minimum: 0 }),
    clipNorm: Type.Union([Positive, Type.Null()], {
      description: 'global norm above which gradients are scaled down; null never',
    }),
  },
  strict,
);
export type OptimizerConfig = Static<typeof OptimizerConfig>;

export const RateConfig = Type.Object(
  {
    policy: Type.Union([Type.Literal('constant'), Type.Literal('cosine')]),
    minimum: Type.Number({ minimum: 0 }),
    /** New weights start at `warmupFactor` of the rate and reach it after `warmupSteps`. */
    warmupSteps: Count,
    warmupFactor: Alpha,
  },
  strict,
);
export type RateConfig = Static<typeof RateConfig>;

export const TrainingConfig = Type.Object(
  {
    epochs: Natural,
    batch: Type.Union([Natural, Type.Literal('all')]),
    /** Epochs from one boundary to the next; a fraction puts several into one epoch. */
    boundaryEpochs: Positive,
    optimizer: OptimizerConfig,
    rate: RateConfig,
    goal: Type.Union(
      [
        Type.Object(
          {
            metric: Type.Union([Type.Literal('accuracy'), Type.Literal('loss'), Type.Literal('margin')]),
            value: Type.Number(),
          },
          strict,
        ),
        Type.Null(),
      ],
      { description: '`margin` is the share of outputs within 0.8 of targets of -1 and 1' },
    ),
    checkpointBoundaries: Natural,
    keepCheckpoints: Natural,
  },
  strict,
);
export type TrainingConfig = Static<typeof TrainingConfig>;

/** Minimum dwell and length of each stage, in boundaries. */
export const TempoConfig = Type.Object(
  {
    training: Natural,
    blending: Natural,
    probation: Natural,
    /** Optimiser steps that a seed stays out of the live output while its contribution is measured on a shadow batch. */
    shadowSteps: Natural,
    embargo: Natural,
    plateauWindow: Natural,
    plateauGain: Type.Number({
      description: 'percent of validation loss; less gain than this over the window is a plateau',
    }),
    earliest: Count,
    /** No new seed in the last part of the run: 0.8 means none in the last fifth. */
    latest: Alpha,
    /** Boundaries from one germination to the next. */
    spacing: Count,
  },
  strict,
);
export type TempoConfig = Static<typeof TempoConfig>;

export const GrowthConfig = Type.Object(
  {
    enabled: Type.Boolean(),
    policy: Type.Union([Type.Literal('heuristic'), Type.Literal('schedule'), Type.Literal('random')]),
    spans: Type.Array(Type.String()),
    families: Type.Array(Type.String(), {
      description: 'blueprint families Tamiyo may choose; empty means all that fit',
    }),
    placesPerSlot: Natural,
    maxLiveSeeds: Natural,
    maxParameters: Type.Union([Natural, Type.Null()]),
    /** Final widths of the hidden layers; growth of a layer stops there. Empty: no such limit. */
    targetHidden: Type.Array(Natural),
    candidatePool: Natural,
    blend: Type.Union([Type.Literal('linear'), Type.Literal('cosine'), Type.Literal('sigmoid')]),
    tempo: TempoConfig,
    /** Gradient of a seed to that of its host, per parameter, below which it is a free rider; 0.1 in older runs. */
    minGradientRatio: Type.Optional(Type.Number({ minimum: 0 })),
    /** Points of contribution below which a seed is not made permanent. */
    minContribution: Type.Number(),
    /** Points charged per natural logarithm of added parameters, relative to the host. */
    parameterRent: Type.Number({ minimum: 0 }),
    gates: Type.Boolean({ description: 'false lets every seed through: the control, not the product' }),
  },
  strict,
);
export type GrowthConfig = Static<typeof GrowthConfig>;

export const FAULTS = [
  'seed_output_nan',
  'gradient_explosion',
  'seed_actor_crash',
  'poisoned_blueprint',
  'tamiyo_throws',
] as const;
export const FaultConfig = Type.Object(
  {
    kind: Type.Union(FAULTS.map((fault) => Type.Literal(fault))),
    /** First step at which it may strike; it waits for a seed to strike at. */
    atStep: Count,
  },
  strict,
);
export type FaultConfig = Static<typeof FaultConfig>;

/** What can compute, in the order in which `auto` looks. */
export const BACKENDS = ['node-gpu', 'webgpu', 'wasm', 'node-cpu', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];
export const BACKEND_CHOICES = ['auto', ...BACKENDS] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

export const RunConfig = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,40}$' }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295 }),
    task: TaskConfig,
    host: HostConfig,
    training: TrainingConfig,
    growth: GrowthConfig,
    faults: Type.Array(FaultConfig),
    backend: Type.Union(BACKEND_CHOICES.map((choice) => Type.Literal(choice))),
  },
  { ...strict, $id: 'esper.run-config.v1' },
);
export type RunConfig = Static<typeof RunConfig>;
