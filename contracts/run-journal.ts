/** What a run writes into its journal: the truth that `resume`, `decisions` and `seeds` read. */
import { Type } from '@sinclair/typebox';
import { CatalogueEntry } from './blueprint.ts';
import { type MessageOf, message } from './message.ts';
import { AdaptationDecision, SeedState, TransitionRecord } from './packet.ts';
import { RunCommanded } from './run-command.ts';
import { RunConfig } from './run-config.ts';
import { Count, Digest, Epoch, Millis, Reading, RunId, SeedId, Step, WallMs } from './units.ts';

/** Written once, before the first step. The catalogue is pinned: later measurements cannot change a replay. */
export const RunStarted = message('tolaria.run.started', 1, {
  runId: RunId,
  config: RunConfig,
  catalogue: Type.Array(CatalogueEntry),
  quarantined: Type.Array(Type.Object({ blueprintId: Type.String(), reasons: Type.Array(Type.String()) })),
  backend: Type.String(),
  engine: Type.String({ description: 'versions that decide bit patterns: node, tensor library, esper' }),
  startedAtMs: WallMs,
});
export type RunStarted = MessageOf<typeof RunStarted>;

/** One boundary, whole or not at all: what was seen, decided and done, and the checksum of what it left. INV-07 */
export const BoundaryCommitted = message('tolaria.boundary.committed', 1, {
  boundary: Count,
  epoch: Epoch,
  step: Step,
  trainingLoss: Reading,
  validationLoss: Reading,
  validationAccuracy: Reading,
  parameters: Count,
  seeds: Type.Array(SeedState),
  decisions: Type.Array(AdaptationDecision),
  transitions: Type.Array(TransitionRecord),
  /** Parameters, moments, step counters, random streams and seed states after the boundary. */
  digest: Digest,
  hookMs: Millis,
  multiplyAdds: Type.Number({
    minimum: 0,
    description: 'training multiply-adds so far, candidates and ablations included',
  }),
});
export type BoundaryCommitted = MessageOf<typeof BoundaryCommitted>;

/** Training went back to an earlier boundary. Steps since then were run again, none was lost. */
export const RolledBack = message('tolaria.run.rolled_back', 1, {
  reason: Type.String(),
  atStep: Step,
  toStep: Step,
  toBoundary: Count,
  guilty: Type.Array(SeedId),
  quarantinedBlueprints: Type.Array(Type.String()),
  ms: Millis,
});
export type RolledBack = MessageOf<typeof RolledBack>;

/** Something broke and was contained without going back: a breaker tripped, an actor restarted, a fault was injected. */
export const FaultContained = message('tolaria.fault.contained', 1, {
  step: Step,
  who: Type.String(),
  what: Type.String(),
  injected: Type.Boolean(),
});
export type FaultContained = MessageOf<typeof FaultContained>;

export const CheckpointWritten = message('tolaria.checkpoint.written', 1, {
  boundary: Count,
  epoch: Epoch,
  step: Step,
  file: Type.String(),
  sha256: Type.String(),
  bytes: Count,
});
export type CheckpointWritten = MessageOf<typeof CheckpointWritten>;

/** A new process took over. `verified` counts boundaries that were run again and matched their digest. */
export const RunResumed = message('tolaria.run.resumed', 1, {
  /** Boundary of the checkpoint it went on from; null when it started over. */
  fromBoundary: Type.Union([Count, Type.Null()]),
  /** Newest boundary in the journal; null when the crash came before the first. */
  lastCommitted: Type.Union([Count, Type.Null()]),
  verified: Count,
  recoveryMs: Millis,
});
export type RunResumed = MessageOf<typeof RunResumed>;

export const RunEnded = message('tolaria.run.ended', 1, {
  outcome: Type.Union([
    Type.Literal('finished'),
    Type.Literal('goal_reached'),
    Type.Literal('interrupted'),
    Type.Literal('failed'),
  ]),
  epoch: Epoch,
  step: Step,
  trainingLoss: Reading,
  validationLoss: Reading,
  validationAccuracy: Reading,
  testLoss: Reading,
  testAccuracy: Reading,
  hostParametersAtBirth: Count,
  parameters: Count,
  germinated: Count,
  fossilized: Count,
  culled: Count,
  rollbacks: Count,
  disruptedSteps: Count,
  multiplyAdds: Type.Number({ minimum: 0 }),
  wallMs: Millis,
});
export type RunEnded = MessageOf<typeof RunEnded>;

export const RUN_RECORDS = [
  RunStarted,
  BoundaryCommitted,
  RolledBack,
  FaultContained,
  CheckpointWritten,
  RunResumed,
  RunEnded,
  RunCommanded,
] as const;
export type RunRecord =
  | RunStarted
  | BoundaryCommitted
  | RolledBack
  | FaultContained
  | CheckpointWritten
  | RunResumed
  | RunEnded
  | RunCommanded;
