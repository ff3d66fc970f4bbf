/** Which children restart when one dies: in start order. */
import type { Restart, StopReason } from '../actor/messages.ts';
import type { Strategy } from './spec.ts';

export function affected<T>(strategy: Strategy, startOrder: readonly T[], died: T): readonly T[] {
  switch (strategy) {
    case 'one_for_one':
      return [died];
    case 'one_for_all':
      return startOrder;
    case 'rest_for_one':
      return startOrder.slice(startOrder.indexOf(died));
  }
}

/** permanent: always · transient: unless it ended well · temporary: never. */
export function shouldRestart(restart: Restart, reason: StopReason): boolean {
  if (restart === 'transient') return reason.kind === 'crashed' || reason.kind === 'killed';
  return restart === 'permanent';
}
