/** Urabrask's verdict: readings in, certificate out. No figure is invented, and none is forgiven. */
import type { Certificate, Kernel } from '../../contracts/index.ts';
import { BANDS, type Finding, type Limits, MERITS, WEIGHTS } from './options.ts';
import type { Readings } from './readings.ts';

/** What is wrong with a kernel, worst first. A reading that is missing because it was not finite is a finding, too. */
export function findingsOf(readings: Readings, limits: Limits): readonly Finding[] {
  if (readings.crashed !== null) return ['crashed'];
  const over = (value: number | null, limit: number) => value !== null && value > limit;
  const { smallestGradient } = readings;
  const found: Readonly<Record<Finding, boolean>> = {
    crashed: false,
    changes_the_host_at_birth: !readings.identity,
    not_finite: !allFinite(readings),
    output_out_of_range: over(readings.outputRange, limits.outputRange),
    gradient_explodes: over(readings.gradientNorm, limits.gradientMax),
    gradient_vanishes: smallestGradient !== null && smallestGradient < limits.gradientMin,
    gradient_imprecise: over(readings.precisionError, limits.precisionError),
    training_diverges: over(readings.lossChange, limits.lossGrowth),
    training_oscillates: over(readings.oscillation, limits.oscillation),
    memory_over_limit: over(readings.bytes, limits.bytes),
    leaks_tensors: over(readings.leakedTensors, 0),
    too_slow: over(readings.latencyRatio, limits.latencyRatio),
  };
  return (Object.keys(found) as Finding[]).filter((finding) => found[finding]);
}

/** Judges a kernel by its readings. */
export function judge(kernel: Kernel, readings: Readings, limits: Limits): Certificate {
  const findings = findingsOf(readings, limits);
  const sum = findings.reduce((risk, finding) => risk + WEIGHTS[finding], 0);
  // Rounded, so that three tenths are the limit and not a hair below it.
  const riskScore = Math.min(1, Math.round(sum * 1000) / 1000);
  const { crashed, ...probes } = readings;
  return {
    kernelId: kernel.kernelId,
    blueprintId: kernel.blueprint.id,
    verdict: riskScore < limits.risk ? 'VALIDATED' : 'REJECTED',
    riskScore,
    hazardBand: BANDS.find(([, from]) => riskScore >= from)?.[0] ?? 'LOW',
    tags: [...tagsOf(kernel, readings)],
    reasons: findings.map((finding) => (finding === 'crashed' ? `crashed ${crashed}` : finding)),
    probes: { ...probes, crashed: crashed !== null },
  };
}

function tagsOf(kernel: Kernel, { bytes, latencyRatio, precisionError }: Readings): readonly string[] {
  const tags = new Set(kernel.blueprint.nodes.map(({ op }) => `op:${op}`));
  const earns = (tag: string, value: number | null, limit: number) => {
    if (value !== null && value <= limit) tags.add(tag);
  };
  earns('low_memory', bytes, MERITS.lowMemoryBytes);
  earns('high_speed', latencyRatio, MERITS.highSpeedRatio);
  earns('high_precision', precisionError, MERITS.highPrecisionError);
  return [...tags].sort();
}

/** All outputs, and the readings that follow from them. */
function allFinite(readings: Readings): boolean {
  const { finiteNormal, finiteLarge, finiteZero, finiteAdversarial, finiteTraining } = readings;
  return finiteNormal && finiteLarge && finiteZero && finiteAdversarial && finiteTraining;
}
