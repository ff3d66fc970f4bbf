/** What the triad says to itself at an epoch boundary: the state of everything, and one decision per command. */
import { type Static, Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';
import { CullReason, GateResult, SeedStage } from './seed.ts';
import {
  Alpha,
  BlueprintId,
  Count,
  Epoch,
  Finite,
  KernelId,
  Reading,
  RunId,
  SeedId,
  SlotId,
  Step,
} from './units.ts';

/** One seed as Tamiyo sees it. */
export const SeedState = Type.Object({
  seedId: SeedId,
  slotId: SlotId,
  stage: SeedStage,
  blueprintId: BlueprintId,
  alpha: Alpha,
  /** Regular boundaries spent in this stage, and since it germinated. */
  dwell: Count,
  age: Count,
  gradientNorm: Reading,
  /** Seed to host gradient norm, per parameter, smoothed (decay 0.9). Below 0.1 the seed rides on the host's progress. */
  gradientRatio: Reading,
  /** The seed's own isolated loss, smoothed; and the host's over the same batches. */
  seedLoss: Reading,
  hostLoss: Reading,
  /** Points: percent of the validation loss that this seed removes, by ablation. Null until measured. */
  contribution: Reading,
  /** Validation loss now against that at germination, percent; negative is worse. */
  improvementSinceBirth: Reading,
  parameters: Count,
  /** Hidden units it would add to its layer; 0 where that means nothing. */
  units: Count,
  /** Gates it was refused at in this stage, and crashes of its actor. */
  refusals: Count,
  failures: Count,
});
export type SeedState = Static<typeof SeedState>;

export const SlotState = Type.Object({
  slotId: SlotId,
  span: Type.String(),
  /** Dormant seeds that could germinate here at this boundary. */
  vacant: Type.Array(SeedId),
  /** Boundaries until an embargo on this slot ends; 0 when there is none. */
  embargo: Count,
  /** Hidden units this slot may still add before its layer reaches its target width; null without a target. */
  room: Type.Union([Count, Type.Null()]),
  /** Present units of the layer that seeds here would widen; null for other spans. */
  width: Type.Union([Count, Type.Null()]),
});
export type SlotState = Static<typeof SlotState>;

/** The state of the whole run at one boundary. Losses are means over the boundary's steps or over the validation rows. */
export const SystemStatePacket = message('tolaria.state.gathered', 1, {
  runId: RunId,
  boundary: Count,
  /** Regular boundaries so far: the unit of dwell. A probe boundary, a few steps after a seed went into the shadow, is not one. */
  tick: Count,
  regular: Type.Boolean(),
  epoch: Epoch,
  step: Step,
  totalEpochs: Count,
  /** Regular boundaries still to come; 0 at the last one. */
  ticksLeft: Count,
  trainingLoss: Reading,
  validationLoss: Reading,
  /** 0 to 1; null where the task has no classes. */
  validationAccuracy: Reading,
  hostParameters: Count,
  liveParameters: Count,
  seeds: Type.Array(SeedState),
  slots: Type.Array(SlotState),
  trainingMetrics: Type.Record(Type.String(), Finite),
});
export type SystemStatePacket = MessageOf<typeof SystemStatePacket>;

/** A candidate that was weighed, with what it scored: kept whether or not it won. */
export const Candidate = Type.Object({
  slotId: SlotId,
  blueprintId: BlueprintId,
  kernelId: KernelId,
  /** Which draw of the pool; with the seed id it fixes the initial weights. */
  draw: Count,
  /** Residual-gradient score: how fast the loss would fall per unit of the seed's activity. */
  score: Finite,
  parameters: Count,
  /** Score after parameter rent and family penalty: what was compared. */
  value: Finite,
});
export type Candidate = Static<typeof Candidate>;

export const ADAPTATIONS = ['WAIT', 'GERMINATE', 'ADVANCE', 'CULL', 'FOSSILIZE'] as const;
export const AdaptationType = Type.Union(ADAPTATIONS.map((type) => Type.Literal(type)));
export type AdaptationType = Static<typeof AdaptationType>;

/** Tamiyo's word on one target, with everything needed to answer "why". */
export const AdaptationDecision = Type.Object({
  decisionId: Type.String(),
  type: AdaptationType,
  seedId: Type.Union([SeedId, Type.Null()]),
  slotId: Type.Union([SlotId, Type.Null()]),
  /** Short stable word: plateau, scheduled, gate_passed, gate_failed, ransomware, ... */
  trigger: Type.String(),
  /** One sentence for a person. */
  reason: Type.String(),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  /** Expected change of validation loss, percent; null when there is no estimate. */
  expectedImpact: Reading,
  chosen: Type.Union([Candidate, Type.Null()]),
  candidates: Type.Array(Candidate),
  cullReason: Type.Union([CullReason, Type.Null()]),
  inputs: Type.Record(Type.String(), Reading),
});
export type AdaptationDecision = Static<typeof AdaptationDecision>;

/** What became of a decision when Kasmina carried it out. A refused one left everything as it was. */
export const TransitionRecord = Type.Object({
  seedId: SeedId,
  slotId: SlotId,
  blueprintId: BlueprintId,
  from: SeedStage,
  to: SeedStage,
  gate: Type.Union([GateResult, Type.Null()]),
  cullReason: Type.Union([CullReason, Type.Null()]),
  decisionId: Type.Union([Type.String(), Type.Null()]),
});
export type TransitionRecord = Static<typeof TransitionRecord>;

/** How a seed's life ended, for whoever invents and selects blueprints. */
export const FieldReport = message('tamiyo.field_report.issued', 1, {
  runId: RunId,
  seedId: SeedId,
  slotId: SlotId,
  blueprintId: BlueprintId,
  outcome: Type.Union([Type.Literal('FOSSILIZED'), Type.Literal('CULLED')]),
  cullReason: Type.Union([CullReason, Type.Null()]),
  bornBoundary: Count,
  endedBoundary: Count,
  lossBefore: Reading,
  lossAfter: Reading,
  contribution: Reading,
  parameters: Count,
});
export type FieldReport = MessageOf<typeof FieldReport>;
