/** What a node needs to join others, and how far it goes for them. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Ids } from '../ports/ids.ts';
import type { Leases } from '../ports/leases.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Seal } from '../ports/seal.ts';
import type { Transport } from '../ports/transport.ts';
import type { PeerView } from './peer.ts';

export interface ClusterLimits {
  /** Letters that wait for one node, or for its receipt; default 4,096. */
  readonly outboxLetters: number;
  /** Their bytes; default 16 MiB. */
  readonly outboxBytes: number;
  /** Bytes of one message; default half of what the transport takes. */
  readonly bodyBytes: number;
  /** Milliseconds between two beats; three missed ones make a node unreachable, within 3 s. Default 900. */
  readonly beatMs: number;
  /** Milliseconds a lease lives without a beat; only then is an unreachable node dead. Default 6,000. */
  readonly leaseMs: number;
  /** Milliseconds joining may take; default 10,000. */
  readonly joinMs: number;
  /** Milliseconds that leaving may take until all that was said is receipted; default 1,000. */
  readonly drainMs: number;
}

export interface ClusterOptions {
  readonly transport: Transport;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: RandomStream;
  readonly failPoints?: FailPoints;
  /** `name` is 1 to 64 of a-z, 0-9, - and _; `epoch` is the least it may get, default 1. */
  readonly node: { readonly name: string; readonly epoch?: number };
  /** Hash of what the actors say to each other: nodes with another one are turned away. */
  readonly protocol: string;
  /** What all nodes of the cluster seal their words with; without one, whoever may publish is believed. */
  readonly seal?: Seal;
  /** First word of all subjects and keys; default `esper`. */
  readonly prefix?: string;
  readonly limits?: Partial<ClusterLimits>;
  /** What to say of this node with every beat. */
  readonly inventory?: () => Readonly<Record<string, unknown>>;
  /** A node came, went, or is out of reach. */
  readonly onPeer?: (peer: PeerView) => void;
  /** Another process has joined under this name: this one is out, and should end. */
  readonly onReplaced?: (error: Error) => void;
}

/** @param maxBytes what the transport takes */
export function limitsOf(given: Partial<ClusterLimits> | undefined, maxBytes: number): ClusterLimits {
  const half = Math.floor(maxBytes / 2);
  const all = {
    outboxLetters: 4_096,
    outboxBytes: 16 * 1_048_576,
    bodyBytes: half,
    beatMs: 900,
    leaseMs: 6_000,
    joinMs: 10_000,
    drainMs: 1_000,
    ...given,
  };
  return { ...all, bodyBytes: Math.min(all.bodyBytes, half) };
}
