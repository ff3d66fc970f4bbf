/** Did a gradient explode? Compares each norm with the run's own recent past. Pure. */
import type { StepReport } from '../../nn/index.ts';

/** Times its own trend that a gradient norm may reach. A seed newly planted has grown by tens, not by thousands. */
const TIMES_MAX = 1_000;
/** Below this a norm explodes into nothing: the trend of a converged run is close to zero. */
const NORM_MIN = 10;

/**
 * @param trend smoothed global gradient norm of the run; null while there is none, and then nothing is judged
 * @returns null when all is well; else the seeds to blame, empty when it was the host itself
 */
export function explosions(report: StepReport, trend: number | null): readonly string[] | null {
  if (trend === null) return null;
  const limit = Math.max(NORM_MIN, TIMES_MAX * trend);
  const guilty = Object.entries(report.seeds).filter(
    ([, { gradientNorm, loss }]) => gradientNorm > limit || (loss ?? 0) > limit * limit,
  );
  if (guilty.length > 0) return guilty.map(([seedId]) => seedId);
  return report.gradientNorm > limit ? [] : null;
}
