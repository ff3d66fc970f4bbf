/** From a child spec to what a cell is made from. */
import type { CellSeed } from '../actor/cell-seed.ts';
import { patienceOf, type WorkerSpec } from './spec.ts';

/** @param livesBefore incarnations that others had at this path */
export function seedOf(spec: WorkerSpec, path: string, livesBefore = 0): CellSeed {
  const { id, definition, args, restart, startWithinMs, register } = spec;
  return {
    id,
    path,
    definition,
    args,
    restart,
    patience: patienceOf(spec),
    startWithinMs,
    register,
    livesBefore,
  };
}
