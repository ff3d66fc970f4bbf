/** What the triad tells the outside while it trains: small, bounded, may be dropped under load, never waited for. */
import { Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';
import { SeedStage } from './seed.ts';
import { Alpha, BlueprintId, Count, Epoch, Finite, Reading, RunId, SeedId, SlotId, Step } from './units.ts';

/** Progress for people, a few times a second. */
export const TrainingProgress = message('tolaria.training.progressed', 1, {
  runId: RunId,
  /** State of the run's lifecycle: training, degraded, rolling_back ... */
  status: Type.String(),
  epoch: Epoch,
  totalEpochs: Count,
  step: Step,
  stepsPerEpoch: Count,
  samplesPerSecond: Finite,
  etaSeconds: Reading,
  trainingLoss: Reading,
  validationLoss: Reading,
  validationAccuracy: Reading,
  parameters: Count,
  /** Seeds by stage, stages with none left out. */
  stages: Type.Record(Type.String(), Count),
  seeds: Type.Array(
    Type.Object({
      ...{ seedId: SeedId, slotId: SlotId, stage: SeedStage, alpha: Alpha },
      /** Older trainers tell neither; a contribution is null until it was measured. */
      blueprintId: Type.Optional(BlueprintId),
      contribution: Type.Optional(Reading),
    }),
  ),
});
export type TrainingProgress = MessageOf<typeof TrainingProgress>;

/** One line above the bar: something changed, and why. `level` follows syslog words. */
export const RunEvent = message('nissa.run_event.reported', 1, {
  runId: RunId,
  epoch: Epoch,
  step: Step,
  level: Type.Union([
    Type.Literal('info'),
    Type.Literal('notice'),
    Type.Literal('warning'),
    Type.Literal('error'),
  ]),
  who: Type.String(),
  what: Type.String({
    description: 'stable word: germinated, blending, fossilized, culled, rolled_back, ...',
  }),
  text: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
});
export type RunEvent = MessageOf<typeof RunEvent>;
