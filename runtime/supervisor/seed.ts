/** From a child spec to what a cell is made from. */
import type { AnyDefinition } from '../actor/behaviour.ts';
import type { CellSeed } from '../actor/cell-seed.ts';
import { patienceOf, type WorkerSpec } from './spec.ts';

/** Looks inside: what a tree only names, a cell is made from. Nothing is promised before the spec was checked. */
export const definitionOf = ({ definition }: WorkerSpec): AnyDefinition => definition as AnyDefinition;

/** @param livesBefore incarnations that others had at this path */
export function seedOf(spec: WorkerSpec, path: string, livesBefore = 0): CellSeed {
  const { id, args, restart, startWithinMs, register } = spec;
  const definition = definitionOf(spec);
  return {
    id,
    path,
    args,
    terms: { definition, restart, patience: patienceOf(spec), startWithinMs, register },
    livesBefore,
  };
}
