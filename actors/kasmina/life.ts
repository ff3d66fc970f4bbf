/** One seed's record: where it is in its life and what has been measured of it. Plain data, part of every checkpoint. */
import type { CullReason, SeedStage } from '../../contracts/index.ts';

export interface Life {
  readonly seedId: string;
  readonly slotId: string;
  stage: SeedStage;
  blueprintId: string;
  kernelId: string;
  parameters: number;
  units: number;
  alpha: number;
  /** Regular boundary and step at which this stage was entered; boundary at which the seed germinated. */
  stageTick: number;
  stageStep: number;
  bornTick: number;
  lossAtBirth: number | null;
  /** Smoothed with decay 0.9: norms of the seed's and the host's gradient, the seed's isolated loss and the host's. */
  gradientNorm: number | null;
  hostGradientNorm: number | null;
  seedLoss: number | null;
  hostLoss: number | null;
  contribution: number | null;
  improvement: number | null;
  refusals: number;
  failures: number;
  embargoUntil: number;
  cullReason: CullReason | null;
}

export const NO_BLUEPRINT = 'none';

export function newLife(seedId: string, slotId: string): Life {
  return {
    seedId,
    slotId,
    stage: 'UNKNOWN',
    blueprintId: NO_BLUEPRINT,
    kernelId: '',
    parameters: 0,
    units: 0,
    alpha: 0,
    stageTick: 0,
    stageStep: 0,
    bornTick: 0,
    lossAtBirth: null,
    gradientNorm: null,
    hostGradientNorm: null,
    seedLoss: null,
    hostLoss: null,
    contribution: null,
    improvement: null,
    refusals: 0,
    failures: 0,
    embargoUntil: 0,
    cullReason: null,
  };
}

const DECAY = 0.9;

/** Exponential smoothing that starts at the first reading instead of at zero. */
export function smooth(before: number | null, reading: number): number | null {
  if (!Number.isFinite(reading)) return before;
  return before === null ? reading : DECAY * before + (1 - DECAY) * reading;
}

/** Seed to host gradient norm, per square root of parameter, so that a small seed is not judged by its size. */
export function gradientRatio(life: Life, hostParameters: number): number | null {
  if (life.gradientNorm === null || life.hostGradientNorm === null || life.parameters === 0) return null;
  const own = life.gradientNorm / Math.sqrt(life.parameters);
  const host = life.hostGradientNorm / Math.sqrt(Math.max(1, hostParameters));
  return host > 0 ? own / host : null;
}
