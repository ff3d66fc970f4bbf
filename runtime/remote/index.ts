/** Actors of several nodes: what whoever builds a cluster needs. */
export { type Cluster, joinCluster } from './cluster.ts';
export type { ClusterLimits, ClusterOptions } from './cluster-options.ts';
export { Fence } from './fence.ts';
export type { PeerState, PeerView } from './peer.ts';
export { parseRemotePath, remotePath } from './remote-path.ts';
export type { RemoteSide } from './remote-side.ts';
export { singleton } from './singleton.ts';
export { type Held, Tenure, type TenureHooks, type TenureOptions } from './tenure.ts';
