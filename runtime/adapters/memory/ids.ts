/** Ids that count up: two runs of one test name everything alike. */
import type { Ids } from '../../ports/ids.ts';

/** `cell-1`, `cell-2`, `run-1`: one counter for each prefix. */
export function memoryIds(): Ids {
  const used = new Map<string, number>();
  return {
    next(prefix) {
      const number = (used.get(prefix) ?? 0) + 1;
      used.set(prefix, number);
      return `${prefix}-${number}`;
    },
  };
}
