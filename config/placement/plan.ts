/** What a placement file says, complete: the machines of a cluster, and the units that run on them. */
import type { UnitSpec } from '../../contracts/placement.ts';

/** What a machine brings; what is left out is measured on it. */
export interface Capacity {
  readonly cores?: number;
  readonly memoryMb?: number;
  readonly gpus?: number;
}

export interface NodePlan {
  readonly name: string;
  /** Words that units ask for, such as `training`. */
  readonly labels: readonly string[];
  readonly capacity: Capacity;
}

export interface PlacementFile {
  /** First word of every subject and key. */
  readonly cluster: string;
  /** Of two files that nodes bring, the one with the higher number counts. */
  readonly generation: number;
  readonly nats: string;
  readonly beatMs: number;
  readonly leaseMs: number;
  readonly nodes: readonly NodePlan[];
  readonly units: readonly UnitSpec[];
}

/** Actors that can be placed, by the unit each belongs to unless the file says otherwise. */
export const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  triad: ['tolaria', 'kasmina', 'tamiyo'],
  urza: ['urza'],
  karn: ['karn'],
  tezzeret: ['tezzeret'],
  urabrask: ['urabrask'],
  nissa: ['nissa'],
};

/** They share tensors by reference: one thread, so one node. */
export const TRIAD = BUILT_IN.triad as readonly string[];

export const ACTORS: readonly string[] = Object.values(BUILT_IN).flat();
