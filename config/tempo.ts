/** How fast a garden lives: a short run gets short seasons, or no seed would ever become permanent. */
import type { TempoConfig } from '../contracts/index.ts';

/** Share of a run's boundaries that a seed spends in each of training, blending and probation. */
const SEASON = 0.06;
/** Share of a run that passes before the first germination, and between two of them. */
const PAUSE = 0.02;

/**
 * Tempo for a run of this length, in boundaries; every duration is at least one boundary.
 * A whole life takes 18 % of the run, so a seed planted at `latest` still has time to be judged.
 *
 * @param epochs          of the whole run
 * @param boundaryEpochs  epochs from one boundary to the next; may be a fraction
 */
export function tempoFor(epochs: number, boundaryEpochs: number): TempoConfig {
  const boundaries = boundariesOf(epochs, boundaryEpochs);
  const season = atLeastOne(boundaries * SEASON);
  const pause = atLeastOne(boundaries * PAUSE);
  return {
    training: season,
    blending: season,
    probation: season,
    shadowSteps: 5,
    embargo: season,
    plateauWindow: 3,
    plateauGain: 5,
    earliest: pause,
    latest: 0.75,
    spacing: pause,
  };
}

/** Boundaries in a run; the last one closes the run even when it is shorter. Rounding errors of 0.1 make no boundary. */
export const boundariesOf = (epochs: number, boundaryEpochs: number): number =>
  Math.ceil(epochs / boundaryEpochs - 1e-9);

const atLeastOne = (boundaries: number): number => Math.max(1, Math.round(boundaries));
