/** Judges a living seed: let it go on, move it up, make it permanent, or take it out. Pure. */
import type { CullReason, GrowthConfig, SeedState } from '../../contracts/index.ts';

/** What should become of a seed now, and why; null means wait. */
export interface Verdict {
  readonly type: 'ADVANCE' | 'FOSSILIZE' | 'CULL';
  readonly trigger: string;
  readonly reason: string;
  readonly confidence: number;
  readonly cullReason: CullReason | null;
}

/** Refused gates a seed may collect in one stage before it is given up. */
const PATIENCE = 4;
/** Crashes of its actor after which a seed is given up. */
const CRASHES_MAX = 3;
/** Percent by which the validation loss may rise after germination before a seed in the live output is harmful. */
const HARM_PERCENT = 25;
/** Probations a seed may take to prove its worth. */
const PROBATIONS_MAX = 3;

/**
 * @param hostParameters scales the rent: a seed as large as its host pays the most
 * @param ticksLeft      regular boundaries to come: a seed that could not finish its life is not let into the output
 */
export function judge(
  seed: SeedState,
  growth: GrowthConfig,
  hostParameters: number,
  ticksLeft: number,
): Verdict | null {
  const { tempo } = growth;
  if (seed.failures >= CRASHES_MAX) {
    return cull('crashed', `its actor crashed ${seed.failures} times`);
  }
  if (seed.refusals >= PATIENCE) {
    return cull('gate_failed', `refused at the gate out of ${seed.stage} ${seed.refusals} times`);
  }
  switch (seed.stage) {
    case 'GERMINATED':
      return seed.dwell >= 1 ? advance('dwell_complete', 'planted and checked, ready to train apart') : null;
    case 'TRAINING':
      if (ticksLeft < tempo.blending + tempo.probation + 2)
        return cull('run_ended', 'too late to be blended and judged');
      return seed.dwell >= tempo.training
        ? advance(
            'dwell_complete',
            `trained apart for ${seed.dwell === 1 ? 'one boundary' : `${seed.dwell} boundaries`}, loss ${say(seed.seedLoss)} against ${say(seed.hostLoss)}`,
          )
        : null;
    case 'BLENDING':
      if (growth.gates && isHarmful(seed)) return harmful(seed);
      return seed.alpha >= 1 && seed.dwell >= tempo.blending
        ? advance('alpha_complete', 'fully blended, to be measured in the shadow')
        : null;
    case 'SHADOWING':
      return judgeShadow(seed, growth);
    case 'PROBATIONARY':
      return judgeProbation(seed, growth, hostParameters);
    default:
      return null;
  }
}

/** The run ends here: whoever has proven its worth becomes permanent, all others go. Nothing unproven is exported. */
export function close(seed: SeedState, growth: GrowthConfig, hostParameters: number): Verdict {
  const proven = seed.stage === 'PROBATIONARY' ? judgeProbation(seed, growth, hostParameters) : null;
  return proven ?? cull('run_ended', `the run ended while it was ${seed.stage.toLowerCase()}`);
}

function judgeShadow(seed: SeedState, growth: GrowthConfig): Verdict | null {
  if (seed.contribution === null) return null;
  if (growth.gates && seed.contribution <= 0) {
    return cull('no_contribution', `in the shadow the loss is ${say(-seed.contribution)} % lower without it`);
  }
  return advance('shadow_measured', `in the shadow it removes ${say(seed.contribution)} % of the loss`);
}

function judgeProbation(seed: SeedState, growth: GrowthConfig, hostParameters: number): Verdict | null {
  const { tempo } = growth;
  if (growth.gates && isHarmful(seed)) return harmful(seed);
  if (seed.dwell < tempo.probation || seed.contribution === null) return null;
  if (growth.gates && isRansomware(seed)) {
    return cull(
      'ransomware',
      `removing it hurts by ${say(seed.contribution)} %, yet the run is worse than before it came`,
    );
  }
  const price = growth.minContribution + rent(seed.parameters, hostParameters, growth.parameterRent);
  if (!growth.gates || seed.contribution >= price) {
    return {
      type: 'FOSSILIZE',
      trigger: 'contribution_proven',
      reason: `removes ${say(seed.contribution)} % of the loss for ${seed.parameters} parameters (price ${say(price)} %)`,
      confidence: Math.min(1, seed.contribution / (5 * Math.max(price, 0.1))),
      cullReason: null,
    };
  }
  return seed.dwell >= PROBATIONS_MAX * tempo.probation
    ? cull(
        'no_contribution',
        `${say(seed.contribution)} % after ${seed.dwell} boundaries is below its price of ${say(price)} %`,
      )
    : null;
}

/** Points a seed must earn for its size: logarithmic, so that large seeds are dear but possible. */
export function rent(parameters: number, hostParameters: number, perLog: number): number {
  return perLog * Math.log1p(parameters / Math.max(1, hostParameters));
}

/** The host learnt to need it although everything got worse since it came. */
const isRansomware = (seed: SeedState) =>
  (seed.contribution ?? 0) > 0.1 && (seed.improvementSinceBirth ?? 0) < 0;
const isHarmful = (seed: SeedState) => (seed.improvementSinceBirth ?? 0) < -HARM_PERCENT;

const harmful = (seed: SeedState) =>
  cull('harmful', `the loss rose ${say(-(seed.improvementSinceBirth ?? 0))} % since it germinated`);

const advance = (trigger: string, reason: string): Verdict => ({
  type: 'ADVANCE',
  trigger,
  reason,
  confidence: 1,
  cullReason: null,
});

const cull = (cullReason: CullReason, reason: string): Verdict => ({
  type: 'CULL',
  trigger: cullReason,
  reason,
  confidence: 1,
  cullReason,
});

const say = (value: number | null) => (value === null ? 'unknown' : Number(value.toPrecision(3)).toString());
