/** What commands of a node can reach. */
import type { NetworkBus } from '../../../actors/oona/network-bus.ts';
import type { NatsLink } from '../../../runtime/adapters/nats/link.ts';
import type { ActorSystem, Cluster } from '../../../runtime/index.ts';
import type { Placement } from '../../../runtime/placement/index.ts';
import type { HostPorts } from '../../hosts/ports.ts';
import type { NodeKeys } from '../../keys/node-keys.ts';
import type { PlacementFile } from '../../placement/plan.ts';
import type { RunUnit } from '../run-unit.ts';

export interface AdminWorld {
  readonly name: string;
  /** Of this Esper. */
  readonly version: string;
  readonly home: string;
  /** Hash of what this node speaks. */
  readonly protocol: string;
  readonly placement: PlacementFile;
  readonly placed: Placement;
  readonly cluster: Cluster;
  readonly link: NatsLink;
  readonly bus: NetworkBus;
  readonly run: RunUnit | null;
  readonly ports: HostPorts;
  /** Null: no command is believed. */
  readonly keys: NodeKeys | null;
  /** There from the moment the tree has started. */
  system(): ActorSystem;
}
