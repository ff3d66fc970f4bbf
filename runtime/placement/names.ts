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

/** Where messages for a unit come in from other nodes. */
export const arrivedPath = (unit: string): string => `${ARRIVED}${unit}`;

/** The unit whose messages are sent there; undefined for other paths. */
export const unitPlacedAt = (path: string): string | undefined => behind(PLACED, path);

/** The unit whose messages come in there from other nodes; undefined for other paths. */
export const unitArrivingAt = (path: string): string | undefined => behind(ARRIVED, path);

const behind = (prefix: string, path: string): string | undefined =>
  path.startsWith(prefix) ? path.slice(prefix.length) : undefined;

/** Name of the lease that a node must hold to run a unit. */
export const leaseOf = (unit: string): string => `unit.${unit}`;
