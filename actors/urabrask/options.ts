/** Where Urabrask draws the lines, and how much each crossing weighs. */

export interface Limits {
  readonly gradientMax: number;
  readonly gradientMin: number;
  readonly precisionError: number;
  readonly oscillation: number;
  /** Loss growth over the training probe that counts as divergence. */
  readonly lossGrowth: number;
  readonly outputRange: number;
  readonly bytes: number;
  /** Generous: a busy machine must not reject a good kernel. */
  readonly latencyRatio: number;
  /** Risk from which a kernel is rejected. */
  readonly risk: number;
}

export const limits: Limits = {
  gradientMax: 1e3,
  gradientMin: 1e-8,
  precisionError: 0.1,
  oscillation: 0.05,
  lossGrowth: 0.05,
  outputRange: 1e8,
  bytes: 64 * 1024 * 1024,
  latencyRatio: 50,
  risk: 0.3,
};

/**
 * Risk added by each finding; the sum is capped at 1. Whatever makes a seed useless or dangerous by itself reaches the
 * limit alone; only oscillation needs company.
 */
export const WEIGHTS = {
  crashed: 1,
  changes_the_host_at_birth: 0.6,
  not_finite: 0.6,
  output_out_of_range: 0.3,
  gradient_explodes: 0.3,
  gradient_vanishes: 0.3,
  gradient_imprecise: 0.3,
  training_diverges: 0.3,
  training_oscillates: 0.2,
  memory_over_limit: 0.3,
  leaks_tensors: 0.3,
  too_slow: 0.3,
} as const;

export type Finding = keyof typeof WEIGHTS;

/** Lower ends of the hazard bands. */
export const BANDS = [
  ['CRITICAL', 0.85],
  ['HIGH', 0.6],
  ['MEDIUM', 0.3],
  ['LOW', 0],
] as const;

/** What earns a tag. */
export const MERITS = { lowMemoryBytes: 4096, highSpeedRatio: 1.5, highPrecisionError: 0.01 } as const;
