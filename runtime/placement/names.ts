/** Where the parts of placement live in the tree of every node. */

/** The actor of a node that runs units for the steward. */
export const AGENT = 'esper/agent';
/** The supervisor whose children are the units of a node. */
export const UNITS = 'esper/units';
/** The steward itself, on whichever node has its lease. */
export const STEWARD_OWNER = 'esper/steward/owner';
/** Name of the steward among the units, and of its lease. */
export const STEWARD = 'steward';

const PLACED = 'esper/placed/';
const ARRIVED = 'esper/arrived/';

/** The same on every node: messages there reach the unit wherever it is. */
export const placedPath = (unit: string): string => `${PLACED}${unit}`;

/** Where messages for a unit come in from other nodes: they do not queue behind what this node itself has to say. */
export const arrivedPath = (unit: string): string => `${ARRIVED}${unit}`;

/** The unit that a path is about; undefined for other paths. */
export function unitOf(path: string): string | undefined {
  const before = [PLACED, ARRIVED].find((prefix) => path.startsWith(prefix));
  return before === undefined ? undefined : path.slice(before.length);
}

/** Name of the lease that a node must hold to run a unit. */
export const leaseOf = (unit: string): string => `unit.${unit}`;
