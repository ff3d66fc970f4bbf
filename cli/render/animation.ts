/** Whether a line may be drawn over again: only on a terminal that a person looks at. */
import type { World } from '../world.ts';

export const animationWanted = ({ err, env }: Pick<World, 'err' | 'env'>): boolean =>
  err.isTTY && !env.CI && env.TERM !== 'dumb';
