/** A seeded order of the numbers 0 to n - 1. */
import type { RandomStream } from '../../contracts/index.ts';

/** Fisher-Yates: every order equally likely, the same one for the same stream. */
export function shuffled(count: number, random: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}
