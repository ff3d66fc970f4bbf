/** What the agent of a node works with, shared with whoever asks what is here. */
import type { NodeFacts } from '../../contracts/placement.ts';
import type { Cluster } from '../remote/cluster.ts';
import type { Fence } from '../remote/fence.ts';
import type { Directory } from './directory.ts';
import type { PlacementLimits, PlacementOptions } from './options.ts';
import type { Parcels } from './parcels.ts';
import type { Tenancy } from './tenancy.ts';

export interface AgentWorld {
  readonly options: PlacementOptions;
  readonly limits: PlacementLimits;
  readonly cluster: Pick<Cluster, 'hold'>;
  readonly directory: Directory;
  /** Against stewards of the past. Outlives the agent. */
  readonly fence: Fence;
  /** By unit; what the inventory tells of. */
  readonly tenancies: Map<string, Tenancy>;
  /** States that have come ahead of their orders. */
  readonly parcels: Parcels;
  /** Kept ready, with how to let go. */
  readonly warm: Map<string, () => void>;
  /** Of this node, now. */
  facts(): NodeFacts;
  /** Hears what the peers' inventories say. */
  refresh(): void;
}
