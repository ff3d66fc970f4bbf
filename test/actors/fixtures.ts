/** Small, complete values that tests of the triad start from. */
import type { CatalogueEntry, GrowthConfig, SeedState, SlotState } from '../../contracts/index.ts';
import { SystemStatePacket } from '../../contracts/index.ts';

export const growth: GrowthConfig = {
  enabled: true,
  policy: 'heuristic',
  spans: ['layer'],
  families: ['widen'],
  placesPerSlot: 1,
  maxLiveSeeds: 2,
  maxParameters: null,
  targetHidden: [],
  candidatePool: 4,
  blend: 'cosine',
  tempo: {
    training: 3,
    blending: 2,
    probation: 2,
    shadowSteps: 1,
    embargo: 2,
    plateauWindow: 3,
    plateauGain: 0.5,
    earliest: 0,
    latest: 0.8,
    spacing: 2,
  },
  minContribution: 1,
  parameterRent: 0.5,
  gates: true,
};

export const seed: SeedState = {
  seedId: 's1',
  slotId: 'h1/layer',
  stage: 'TRAINING',
  blueprintId: 'widen-2',
  alpha: 0,
  dwell: 3,
  age: 4,
  gradientNorm: 0.2,
  gradientRatio: 0.5,
  seedLoss: 0.4,
  hostLoss: 0.5,
  contribution: null,
  improvementSinceBirth: 5,
  parameters: 12,
  units: 2,
  refusals: 0,
  failures: 0,
};

export const slot: SlotState = {
  slotId: 'h1/layer',
  span: 'layer',
  vacant: ['s1'],
  embargo: 0,
  room: null,
  width: 4,
};

export function packet(fields: Partial<Parameters<typeof SystemStatePacket.of>[0]> = {}) {
  return SystemStatePacket.of({
    runId: 'run-1',
    boundary: 10,
    tick: 10,
    regular: true,
    epoch: 10,
    step: 100,
    totalEpochs: 100,
    ticksLeft: 90,
    trainingLoss: 0.5,
    validationLoss: 0.5,
    validationAccuracy: 0.8,
    hostParameters: 40,
    liveParameters: 0,
    seeds: [],
    slots: [slot],
    trainingMetrics: {},
    ...fields,
  });
}

export function entry(id: string, units: number, family: 'widen' | 'gaussian' = 'widen'): CatalogueEntry {
  const kernelId = `sha256:${id.length.toString(16).padStart(2, '0').repeat(32)}-fast`;
  return {
    kernel: {
      kernelId,
      pipeline: 'fast',
      compileMs: 1,
      referenceParameters: 10,
      blueprint: {
        id,
        family,
        spans: ['layer'],
        output: 'out',
        onFossilize: 'trainable',
        tags: [],
        description: 'for tests',
        nodes: [
          { op: 'dense', id: 'hidden', from: 'in', units, activation: 'tanh', bias: true, start: 'he' },
          {
            op: 'dense',
            id: 'out',
            from: 'hidden',
            units: 'out',
            activation: 'linear',
            bias: false,
            start: 'zero',
          },
        ],
      },
    },
    certificate: {
      kernelId,
      blueprintId: id,
      verdict: 'VALIDATED',
      riskScore: 0,
      hazardBand: 'LOW',
      tags: [],
      reasons: [],
      probes: {},
    },
  };
}
