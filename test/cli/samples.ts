/** One small run, as its journal tells it: two seeds, one rollback, one fault, a good end. */
import { loadConfig } from '../../config/load.ts';
import type { RunSummary } from '../../config/runner.ts';
import {
  type AdaptationDecision,
  BoundaryCommitted,
  CheckpointWritten,
  FaultContained,
  RolledBack,
  RunCommanded,
  RunEnded,
  RunEvent,
  type RunRecord,
  RunResumed,
  RunStarted,
  type SeedStage,
  type SeedState,
  TrainingProgress,
  type TransitionRecord,
} from '../../contracts/index.ts';

const text = 'name: spirals\nseed: 7\nfaults: [{ kind: tamiyo_throws, atStep: 5 }]\n';
const { config } = loadConfig({ file: 'spirals.yaml', text });

export const start = RunStarted.of({
  runId: 'spirals-1',
  config,
  catalogue: [],
  quarantined: [],
  backend: 'wasm',
  engine: 'node 20, esper 1.2.3',
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
});

const kernelId = `sha256:${'a'.repeat(64)}`;
const candidate = (draw: number, value: number) => ({
  slotId: 'h1/widen',
  blueprintId: 'widen-3',
  kernelId,
  draw,
  score: value * 2,
  parameters: 24,
  value,
});

export function decision(fields: Partial<AdaptationDecision>): AdaptationDecision {
  return {
    decisionId: 'd1',
    type: 'GERMINATE',
    seedId: 's1',
    slotId: 'h1/widen',
    trigger: 'plateau',
    reason: 'the loss has not moved for 3 boundaries',
    confidence: 0.8,
    expectedImpact: -4,
    chosen: candidate(1, 3),
    candidates: [candidate(0, 1), candidate(1, 3)],
    cullReason: null,
    inputs: { lossGain: 0.1 },
    ...fields,
  };
}

const seen = (seedId: string, stage: SeedStage, contribution: number | null): SeedState => ({
  seedId,
  slotId: 'h1/widen',
  stage,
  blueprintId: 'widen-3',
  alpha: stage === 'FOSSILIZED' ? 1 : 0,
  dwell: 1,
  age: 1,
  gradientNorm: 1,
  gradientRatio: 1,
  seedLoss: 1,
  hostLoss: 1,
  contribution,
  improvementSinceBirth: 2,
  parameters: 24,
  units: 3,
  refusals: 0,
  failures: 0,
});

const move = (seedId: string, from: SeedStage, to: SeedStage, passed?: boolean): TransitionRecord => ({
  seedId,
  slotId: 'h1/widen',
  blueprintId: 'widen-3',
  from,
  to,
  gate:
    passed === undefined
      ? null
      : { gate: 'G5', passed, reasons: passed ? [] : ['no contribution'], readings: { contribution: 4.2 } },
  cullReason: to === 'CULLED' ? 'rolled_back' : null,
  decisionId: 'd1',
});

export function boundary(fields: Partial<BoundaryCommitted> & { boundary: number }): BoundaryCommitted {
  return BoundaryCommitted.of({
    epoch: fields.boundary * 10,
    step: fields.boundary * 10,
    trainingLoss: 1 / fields.boundary,
    validationLoss: 1 / fields.boundary,
    validationAccuracy: 0.5 + fields.boundary / 10,
    parameters: 38,
    seeds: [],
    decisions: [],
    transitions: [],
    digest: 'abcdef01',
    hookMs: fields.boundary,
    multiplyAdds: fields.boundary * 1000,
    ...fields,
  });
}

export const ended = RunEnded.of({
  outcome: 'goal_reached',
  epoch: 30,
  step: 30,
  trainingLoss: 0.1,
  validationLoss: 0.25,
  validationAccuracy: 1,
  testLoss: 0.3,
  testAccuracy: 0.98,
  hostParametersAtBirth: 38,
  parameters: 62,
  germinated: 1,
  fossilized: 1,
  culled: 0,
  rollbacks: 1,
  disruptedSteps: 10,
  multiplyAdds: 5000,
  wallMs: 61_500,
});

const wait = decision({ type: 'WAIT', seedId: null, trigger: 'too_early', chosen: null, candidates: [] });
const advance = decision({
  decisionId: 'd3',
  type: 'FOSSILIZE',
  trigger: 'gate_passed',
  reason: 'it removes 4.2 % of the loss',
  chosen: null,
  candidates: [],
});

/** Ends before its end record, as a run that was killed. */
export const unfinished: readonly RunRecord[] = [
  start,
  boundary({
    boundary: 1,
    decisions: [decision({})],
    transitions: [move('s1', 'DORMANT', 'GERMINATED')],
    seeds: [seen('s1', 'GERMINATED', null)],
  }),
  CheckpointWritten.of({ boundary: 1, epoch: 10, step: 10, file: 'c1', sha256: 'f'.repeat(64), bytes: 1000 }),
  boundary({ boundary: 2, decisions: [wait], seeds: [seen('s1', 'TRAINING', null)] }),
  boundary({
    boundary: 3,
    decisions: [decision({ decisionId: 'd2', seedId: 's2', trigger: 'scheduled' })],
    transitions: [move('s2', 'DORMANT', 'GERMINATED')],
    seeds: [seen('s1', 'TRAINING', null), seen('s2', 'GERMINATED', null)],
  }),
  RolledBack.of({
    reason: 'not_finite',
    atStep: 35,
    toStep: 20,
    toBoundary: 2,
    guilty: ['s2'],
    quarantinedBlueprints: [],
    ms: 4.5,
  }),
  FaultContained.of({ step: 35, who: 'kasmina', what: 'seed_output_nan', injected: true }),
];

export const finished: readonly RunRecord[] = [
  ...unfinished,
  RunResumed.of({ fromBoundary: 2, lastCommitted: 2, verified: 1, recoveryMs: 12 }),
  boundary({
    boundary: 3,
    parameters: 62,
    decisions: [advance],
    transitions: [move('s2', 'GERMINATED', 'CULLED'), move('s1', 'PROBATIONARY', 'FOSSILIZED', true)],
    seeds: [seen('s1', 'FOSSILIZED', 4.2)],
  }),
  ended,
];

const ann = { who: 'ann@lab', role: 'trainer', request: 'req-7', reason: '' };
export const byHand: readonly RunRecord[] = [
  RunCommanded.of({
    ...{ number: 1, boundary: 3, epoch: 30, step: 90, by: ann, refused: null },
    command: { do: 'cull', seedId: 's2' },
    text: 's2 is taken out of h1/widen',
  }),
  RunCommanded.of({
    ...{ number: 2, boundary: 3, epoch: 30, step: 90, by: { ...ann, reason: 'a try' } },
    command: { do: 'germinate', slotId: 'h9', blueprintId: null },
    refused: { code: 'TAMIYO_SLOT_UNKNOWN', message: 'no slot h9', hint: 'slots: h1/widen' },
    text: 'no slot h9',
  }),
];

export const summary = (): RunSummary => ({
  ended,
  runId: 'spirals-1',
  folder: 'home/runs/spirals-1',
  files: { model: 'home/runs/spirals-1/model/model.json', report: 'home/runs/spirals-1/report.md' },
  initialAccuracy: 0.5,
  initialLoss: 1,
  rollbacks: [{ reason: 'not_finite', ms: 4.5 }],
  decisions: [{ epoch: 10, text: 's1 planted in h1/widen: plateau' }],
  startMs: 420,
});

export function progress(epoch: number, fields: Partial<TrainingProgress> = {}): TrainingProgress {
  return TrainingProgress.of({
    status: 'training',
    runId: 'spirals-1',
    epoch,
    totalEpochs: 100,
    step: epoch,
    stepsPerEpoch: 1,
    samplesPerSecond: 12_345,
    etaSeconds: 65,
    trainingLoss: 0.5,
    validationLoss: 0.4,
    validationAccuracy: 0.9,
    parameters: 1062,
    stages: { FOSSILIZED: 3, DORMANT: 2, TRAINING: 1, BLENDING: 1 },
    seeds: [],
    ...fields,
  });
}

export const event = (what: string, level: RunEvent['level'] = 'notice'): RunEvent =>
  RunEvent.of({
    runId: 'spirals-1',
    epoch: 10,
    step: 10,
    level,
    who: 'tamiyo',
    what,
    text: 's1 in h1/widen: the loss has not moved for 3 boundaries',
    details: {},
  });
