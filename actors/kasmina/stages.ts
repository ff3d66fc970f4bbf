/** The way up: which stage follows which, behind which gate, and how a seed takes part in each. */
import type { GateName, SeedStage } from '../../contracts/index.ts';
import type { SeedMode } from '../../nn/index.ts';

/** One step up from each growing stage. SHADOWING is never skipped: BLENDING leads nowhere else. */
export const STEPS: Readonly<
  Partial<Record<SeedStage, { readonly to: SeedStage; readonly gate: GateName }>>
> = {
  GERMINATED: { to: 'TRAINING', gate: 'G1' },
  TRAINING: { to: 'BLENDING', gate: 'G2' },
  BLENDING: { to: 'SHADOWING', gate: 'G3' },
  SHADOWING: { to: 'PROBATIONARY', gate: 'G4_HEALTH' },
  PROBATIONARY: { to: 'FOSSILIZED', gate: 'G4_CONTRIBUTION' },
};

/** What a stage means for the forward and backward pass. */
export function modeOf(stage: SeedStage): SeedMode {
  switch (stage) {
    case 'TRAINING':
      return 'isolated';
    case 'BLENDING':
    case 'PROBATIONARY':
    case 'FOSSILIZED':
      return 'live';
    case 'SHADOWING':
      return 'shadow';
    default:
      return 'absent';
  }
}
