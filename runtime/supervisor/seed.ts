/** From a child spec to what a cell is made from. */
import type { CellSeed } from '../actor/cell.ts';
import { patienceOf, type WorkerSpec } from './spec.ts';

export function seedOf(spec: WorkerSpec, path: string): CellSeed {
  const { id, definition, args, restart, startWithinMs, register } = spec;
  return { id, path, definition, args, restart, patience: patienceOf(spec), startWithinMs, register };
}
