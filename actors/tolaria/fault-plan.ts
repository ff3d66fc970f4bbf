/** Faults a run is told to suffer, so that healing can be seen and tested. Each strikes once, deterministically. */
import type { FaultConfig, SeedState } from '../../contracts/index.ts';

export interface Strike {
  readonly index: number;
  readonly kind: FaultConfig['kind'];
  /** The seed it hits; null for faults that hit an actor. */
  readonly seedId: string | null;
}

/** Stages in which a seed's output reaches a loss. */
const STRUCK: ReadonlySet<string> = new Set(['TRAINING', 'BLENDING', 'PROBATIONARY']);

/**
 * Which faults strike before this step. A fault aimed at a seed waits until one takes part.
 * `poisoned_blueprint` is not struck here: Karn proposes it before the run.
 *
 * @param fired indices that have struck already
 */
export function strikes(
  plan: readonly FaultConfig[],
  fired: readonly number[],
  step: number,
  seeds: readonly Pick<SeedState, 'seedId' | 'stage'>[],
): readonly Strike[] {
  return plan.flatMap(({ kind, atStep }, index): Strike[] => {
    if (kind === 'poisoned_blueprint' || fired.includes(index) || step < atStep) return [];
    if (kind === 'tamiyo_throws') return [{ index, kind, seedId: null }];
    const target = seeds.find(({ stage }) => STRUCK.has(stage));
    return target ? [{ index, kind, seedId: target.seedId }] : [];
  });
}
