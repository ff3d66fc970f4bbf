/** What placement on one node is made from, and how long it waits for things. */
import type { NodeFacts, PlacementPlan } from '../../contracts/placement.ts';
import type { Clock } from '../ports/clock.ts';
import type { Leases } from '../ports/leases.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { UnitFactory } from './unit-factory.ts';

/** What whoever boots the node knows of it; placement adds the rest. */
export type MachineFacts = Omit<NodeFacts, 'v' | 'name' | 'able' | 'warm' | 'units' | 'cordoned'>;

export interface PlacementLimits {
  /** Milliseconds between two looks at the whole; default 500. */
  readonly lookMs: number;
  /** Milliseconds a node may take to bid; default 500. */
  readonly bidMs: number;
  /** Milliseconds from an order until the unit runs, the wait for its lease included; default 20,000. */
  readonly startMs: number;
  /** Milliseconds a unit may take to give its state away; default 5,000. */
  readonly takeMs: number;
  /** Milliseconds until a unit that nobody can run is offered again; default 1,000. */
  readonly vacantMs: number;
  /** Least and longest pause, in milliseconds, before a unit that fell is offered again; default 200 and 5,000. */
  readonly backoffMs: readonly [least: number, most: number];
  /** Falls within `periodMs` after which a unit is left alone for as long; default 10 in 60,000 ms. */
  readonly intensity: number;
  readonly periodMs: number;
  /** Messages that wait here for one unit while it is on its way; default 1,024. */
  readonly heldMessages: number;
}

export interface PlacementOptions {
  /** This node's. */
  readonly name: string;
  /** By unit. */
  readonly factories: Readonly<Record<string, UnitFactory>>;
  /** Asked with every beat; cheap. */
  readonly facts: () => MachineFacts;
  /** What shall run, as this node's own files say; the newest generation any node brings is the one that counts. */
  readonly plan: PlacementPlan;
  readonly leases: Leases;
  /** Of all keys in the store; the same as the cluster's, default `esper`. */
  readonly prefix?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: Partial<PlacementLimits>;
  /** This node was told to leave, and is empty. */
  readonly onLeave?: () => void;
}

export const limitsOf = (given: Partial<PlacementLimits> = {}): PlacementLimits => ({
  lookMs: 500,
  bidMs: 500,
  startMs: 20_000,
  takeMs: 5_000,
  vacantMs: 1_000,
  backoffMs: [200, 5_000],
  intensity: 10,
  periodMs: 60_000,
  heldMessages: 1_024,
  ...given,
});
