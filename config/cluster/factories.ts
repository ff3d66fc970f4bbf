/** What this node can run, by unit: code is local, and a unit nobody here can make is never bid for. */
import type { UnitFactory } from '../../runtime/placement/index.ts';
import { INNOVATORS, type Innovator } from '../hosts/innovators.ts';
import { type PlacementFile, TRIAD } from '../placement/plan.ts';
import { innovationUnit } from './innovation-unit.ts';
import { nissaUnit } from './nissa-unit.ts';
import type { RunUnit } from './run-unit.ts';
import type { UnitOptions } from './unit-options.ts';

const isInnovator = (actor: string): actor is Innovator => INNOVATORS.some((one) => one === actor);

/** Units that hold only actors of one kind; the others are of no use to anybody and are left out. */
export function factoriesOf(
  { units }: PlacementFile,
  options: UnitOptions,
  run: RunUnit | null,
): Readonly<Record<string, UnitFactory>> {
  const found: Record<string, UnitFactory> = {};
  for (const { unit, actors } of units) {
    if (actors.every(isInnovator)) found[unit] = innovationUnit(unit, actors, options);
    else if (actors.every((actor) => actor === 'nissa')) found[unit] = nissaUnit(unit, options);
    else if (actors.every((actor) => TRIAD.includes(actor)) && run !== null) found[unit] = run.factory();
  }
  return found;
}
