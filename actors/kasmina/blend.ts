/** How a seed's share of the output rises from exactly 0 to exactly 1. Pure. */
import type { GrowthConfig } from '../../contracts/index.ts';

/** Steepness of the sigmoid before it is stretched to touch 0 and 1. */
const STEEPNESS = 12;

/** @param progress 0..1, the part of the blend that is done; @returns alpha 0..1, monotone, exact at both ends */
export function alphaAt(shape: GrowthConfig['blend'], progress: number): number {
  const p = Math.min(1, Math.max(0, progress));
  if (p === 0 || p === 1) return p;
  switch (shape) {
    case 'linear':
      return p;
    case 'cosine':
      return (1 - Math.cos(Math.PI * p)) / 2;
    case 'sigmoid': {
      const [low, high, here] = [
        sigmoid(-STEEPNESS / 2),
        sigmoid(STEEPNESS / 2),
        sigmoid(STEEPNESS * (p - 0.5)),
      ];
      return (here - low) / (high - low);
    }
  }
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
