/** Units of actors on any node: what whoever boots a node, and whoever talks to units, needs. */
export { type Bid, bid, choose } from './bid.ts';
export { AGENT, placedPath, STEWARD, UNITS } from './names.ts';
export type { MachineFacts, PlacementLimits, PlacementOptions } from './options.ts';
export { placedRef, stewardRef } from './placed-ref.ts';
export { openPlacement, type Placement } from './placement.ts';
export {
  type NodeView,
  type Picture,
  type PlacementAction,
  reconcile,
  type UnderWay,
} from './reconcile.ts';
export type { UnitFactory, UnitStart } from './unit-factory.ts';
