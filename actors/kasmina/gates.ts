/** The gates a seed must pass to move on: each one a question about readings, answered with reasons. Pure. */
import type { Certificate, GateName, GateResult, GrowthConfig } from '../../contracts/index.ts';
import { gradientRatio, type Life } from './life.ts';

/** Where a run does not say: below this the seed looks good only because its host improves, a free rider. */
const RATIO_MIN = 0.1;
/** Points of contribution that may be missing in the shadow before a seed counts as harmful. */
const SHADOW_LOSS_MAX = 0;

export interface GateInputs {
  readonly growth: GrowthConfig;
  readonly tick: number;
  readonly hostParameters: number;
  /** Urabrask's word on the kernel; null when there is none. */
  readonly certificate: Certificate | null;
  /** Why the kernel does not fit the slot; null when it does. */
  readonly misfit: string | null;
  /** The network holds tensors for this seed. */
  readonly planted: boolean;
}

type Readings = GateResult['readings'];
type Check = (
  life: Life,
  inputs: GateInputs,
) => { readonly reasons: readonly string[]; readonly readings: Readings };

const checks: Readonly<Record<GateName, Check>> = {
  /** Sanity, before anything is allocated. */
  G0: (life, { certificate, misfit }) => ({
    reasons: compact(
      life.blueprintId === '' || life.blueprintId === 'none' ? 'missing_blueprint_id' : null,
      certificate === null ? 'not_certified' : null,
      certificate !== null && certificate.verdict !== 'VALIDATED' ? 'certificate_rejected' : null,
      misfit,
    ),
    readings: { riskScore: certificate?.riskScore ?? null },
  }),
  /** The kernel is attached; isolation is structural, so attached is all that is left to ask. */
  G1: (_, { planted }) => ({
    reasons: compact(planted ? null : 'kernel_not_attached'),
    readings: { planted },
  }),
  /** It learnt something of its own. A gradient never measured fails. */
  G2: (life, inputs) => {
    const ratio = gradientRatio(life, inputs.hostParameters);
    const least = inputs.growth.minGradientRatio ?? RATIO_MIN;
    const learnt = life.seedLoss !== null && life.hostLoss !== null && life.seedLoss < life.hostLoss;
    return {
      reasons: compact(
        dwell(life, inputs) < inputs.growth.tempo.training ? 'dwell_too_short' : null,
        ratio === null ? 'gradient_not_measured' : ratio < least ? 'free_rider' : null,
        learnt ? null : 'no_gain_over_host',
      ),
      readings: { gradientRatio: ratio, seedLoss: life.seedLoss, hostLoss: life.hostLoss },
    };
  },
  /** Blending is complete. */
  G3: (life, inputs) => ({
    reasons: compact(
      life.alpha < 1 ? 'alpha_incomplete' : null,
      dwell(life, inputs) < inputs.growth.tempo.blending ? 'dwell_too_short' : null,
    ),
    readings: { alpha: life.alpha },
  }),
  /** It does no harm: measured in the shadow, and its actor is well. */
  G4_HEALTH: (life) => ({
    reasons: compact(
      life.contribution === null
        ? 'contribution_not_measured'
        : life.contribution <= SHADOW_LOSS_MAX
          ? 'harmful_in_shadow'
          : null,
      life.failures > 0 && life.failures >= 3 ? 'actor_unhealthy' : null,
    ),
    readings: { contribution: life.contribution, failures: life.failures },
  }),
  /** It earns its place: by ablation, and the run is not worse than before it came. */
  G4_CONTRIBUTION: (life, inputs) => ({
    reasons: compact(
      dwell(life, inputs) < inputs.growth.tempo.probation ? 'dwell_too_short' : null,
      life.contribution === null ? 'contribution_not_measured' : null,
      life.contribution !== null && life.contribution < inputs.growth.minContribution
        ? 'contribution_too_small'
        : null,
      (life.improvement ?? 0) < 0 ? 'ransomware' : null,
    ),
    readings: { contribution: life.contribution, improvement: life.improvement },
  }),
  /** The slot is clean again. */
  G5: (_, { planted }) => ({ reasons: compact(planted ? 'slot_not_clean' : null), readings: { planted } }),
};

/** Asks one gate. With `growth.gates` off every gate but sanity and cleanliness lets everybody through: a control, not a mode. */
export function ask(gate: GateName, life: Life, inputs: GateInputs): GateResult {
  const { reasons, readings } = checks[gate](life, inputs);
  const counted = inputs.growth.gates || gate === 'G0' || gate === 'G1' || gate === 'G5' ? reasons : [];
  return { gate, passed: counted.length === 0, reasons: [...counted], readings };
}

const dwell = (life: Life, { tick }: GateInputs) => tick - life.stageTick;
const compact = (...reasons: (string | null)[]) => reasons.filter((reason) => reason !== null);
