/** The stages of a seed's life, by number, so that they fit a typed array and a journal. */
import { type Static, Type } from '@sinclair/typebox';

export const SEED_STAGES = [
  'UNKNOWN',
  'DORMANT',
  'GERMINATED',
  'TRAINING',
  'BLENDING',
  'SHADOWING',
  'PROBATIONARY',
  'FOSSILIZED',
  'CULLED',
  'EMBARGOED',
  'RESETTING',
  'TERMINATED',
] as const;
export type SeedStage = (typeof SEED_STAGES)[number];
export const SeedStage = Type.Union(SEED_STAGES.map((stage) => Type.Literal(stage)));

/** Position in `SEED_STAGES`: 0 to 11. */
export const stageNumber = (stage: SeedStage): number => SEED_STAGES.indexOf(stage);

/** Why a seed was taken out. CANCELLED and ROLLED_BACK are reasons, not stages. */
export const CULL_REASONS = [
  'gate_failed',
  'no_contribution',
  'ransomware',
  'harmful',
  'not_finite',
  'exploding',
  'crashed',
  'cancelled',
  'rolled_back',
  'run_ended',
] as const;
export const CullReason = Type.Union(CULL_REASONS.map((reason) => Type.Literal(reason)));
export type CullReason = Static<typeof CullReason>;

export const GATES = ['G0', 'G1', 'G2', 'G3', 'G4_HEALTH', 'G4_CONTRIBUTION', 'G5'] as const;
export type GateName = (typeof GATES)[number];

/** What a gate said, and why: `reasons` is empty exactly when it passed. */
export const GateResult = Type.Object({
  gate: Type.Union(GATES.map((gate) => Type.Literal(gate))),
  passed: Type.Boolean(),
  reasons: Type.Array(Type.String()),
  readings: Type.Record(
    Type.String(),
    Type.Union([Type.Number(), Type.Null(), Type.Boolean(), Type.String()]),
  ),
});
export type GateResult = Static<typeof GateResult>;
