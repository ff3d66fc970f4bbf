/** Which nodes can take which unit, and what is wrong when none can. */
import type { UnitSpec } from '../../contracts/placement.ts';
import type { Problem } from '../problem.ts';
import type { Capacity, NodePlan, PlacementFile } from './plan.ts';
import type { Places } from './problems.ts';

const AMOUNTS = ['cores', 'memoryMb', 'gpus'] as const;

/** Does the file alone forbid it? What a node leaves open is measured when it is up. */
export const fits = (unit: UnitSpec, node: NodePlan): boolean =>
  isPinned(unit, node) && hasLabels(unit, node) && lacking(unit.needs, node.capacity).length === 0;

/** Units that the nodes of the file can never run. */
export function fittingProblems({ nodes, units }: PlacementFile, places: Places): readonly Problem[] {
  return units.flatMap((unit) => {
    const homes = nodes.filter((node) => fits(unit, node));
    if (homes.length === 0) return [nowhere(unit, nodes, places)];
    if (homes.length > unit.warm) return [];
    const text = `${unit.unit} wants ${unit.warm} nodes ready beside the one it is on; ${count(homes.length)} can take it`;
    const path = ['units', unit.unit, 'warm'];
    return [places.problem('PLACEMENT_WARM_TOO_MANY', path, text, `lower warm to ${homes.length - 1}`)];
  });
}

function nowhere(unit: UnitSpec, nodes: readonly NodePlan[], places: Places): Problem {
  const allowed = nodes.filter((node) => isPinned(unit, node));
  const labelled = allowed.filter((node) => hasLabels(unit, node));
  const name = unit.unit;
  if (unit.pin !== undefined && labelled.length === 0) {
    const missing = unit.labels.filter((label) => !allowed.some((node) => node.labels.includes(label)));
    const text = `${name} is pinned to ${unit.pin}, which has not all of its labels (${unit.labels.join(', ')})`;
    const hint = `give the node ${missing.join(', ')}, or take the pin or the label away`;
    return places.problem('PLACEMENT_PIN_MISFIT', ['units', name, 'pin'], text, hint);
  }
  if (labelled.length === 0) {
    const text = `no node has all labels of ${name} (${unit.labels.join(', ')})`;
    return places.problem('PLACEMENT_NOWHERE', ['units', name, 'labels'], text, 'give one node all of them');
  }
  const [first] = labelled;
  const short = first === undefined ? [] : lacking(unit.needs, first.capacity);
  const text = `${name} needs ${short.map((what) => `${what} ${unit.needs[what]}`).join(', ')}, and no node it may be on has as much`;
  return places.problem(
    'PLACEMENT_NEEDS_TOO_MUCH',
    ['units', name, 'needs'],
    text,
    'lower needs or raise capacity',
  );
}

const isPinned = ({ pin }: UnitSpec, { name }: NodePlan): boolean => pin === undefined || pin === name;

const hasLabels = ({ labels }: UnitSpec, node: NodePlan): boolean =>
  labels.every((label) => node.labels.includes(label));

const lacking = (needs: Capacity, capacity: Capacity) =>
  AMOUNTS.filter((what) => (needs[what] ?? 0) > (capacity[what] ?? Number.POSITIVE_INFINITY));

const count = (nodes: number): string => (nodes === 1 ? '1 node' : `${nodes} nodes`);
