/** Invariant 3: one message id, one effect; and what crashes its actor twice gets no third try. */
import type { Violation } from '../../../runtime/simulation/index.ts';
import { pick, type SimHistory } from './pick.ts';

export function noEffectTwice(history: SimHistory): Violation[] {
  const seen = new Set<string>();
  return pick(history, 'effect').flatMap(({ event: { on, id } }) => {
    const effect = `${id} on ${on}`;
    if (!seen.has(effect)) {
      seen.add(effect);
      return [];
    }
    return [{ invariant: 'no effect twice', message: effect }];
  });
}

/** The first try and one more. */
export function twoAttemptsAtMost(history: SimHistory): Violation[] {
  const tries = new Map<string, number>();
  return pick(history, 'attempt').flatMap(({ event: { id } }) => {
    const count = (tries.get(id) ?? 0) + 1;
    tries.set(id, count);
    return count === 3
      ? [{ invariant: 'two attempts at most', message: `${id} was tried again and again` }]
      : [];
  });
}
