/** Invariant 2: what one sender sends is handled in the order it was sent, and never twice. */
import type { Violation } from '../../../runtime/simulation/index.ts';
import { pick, type SimHistory } from './pick.ts';

export function orderPerSender(history: SimHistory): Violation[] {
  const newest = new Map<string, number>();
  return pick(history, 'received').flatMap(({ event: { by, from, n } }) => {
    const pair = `${from} -> ${by}`;
    const before = newest.get(pair) ?? 0;
    newest.set(pair, Math.max(before, n));
    return n > before ? [] : [{ invariant: 'order per sender', message: `${pair}: ${n} after ${before}` }];
  });
}
