/** A sound placement file in a few lines: which units may be on which nodes. */
import { fits } from '../../config/placement/fitting.ts';
import type { PlacementFile } from '../../config/placement/plan.ts';
import type { Style } from './style.ts';
import { pairs } from './table.ts';

export function checkText(file: string, { nodes, units }: PlacementFile, paint: Style): string {
  const rows = units.map((unit) => {
    const homes = nodes.filter((node) => fits(unit, node)).map(({ name }) => name);
    const actors = unit.actors.join() === unit.unit ? '' : ` (${unit.actors.join(', ')})`;
    return [unit.unit, `${homes.join(', ')}${actors}`] as const;
  });
  return `${file} is valid: ${nodes.length} nodes, ${units.length} units\n${pairs(rows, paint)}`;
}
