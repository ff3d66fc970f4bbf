/** Everything that can go wrong in a simulated world, as data: a failing run is a seed and a list of these. */
import type { FailPoint } from '../ports/fail-points.ts';

interface At {
  /** Milliseconds since the world began. */
  readonly atMs: number;
}

interface OnNode extends At {
  readonly node: string;
}

/** `forMs` is how long it lasts; shares (`file`, `byte` ...) are in [0, 1) and are taken of what there is at that moment. */
export type Fault =
  /** The power goes; `torn` lets unsynced writes survive in part, by lot. */
  | (OnNode & { readonly kind: 'crash'; readonly forMs: number; readonly torn: boolean })
  /** The process ends as by `kill -9`; the machine goes on. */
  | (OnNode & { readonly kind: 'kill'; readonly forMs: number })
  /** The power goes the `nth` time that the node passes `point` from now on. */
  | (OnNode & {
      readonly kind: 'crash_at';
      readonly point: FailPoint;
      readonly nth: number;
      readonly forMs: number;
    })
  /** The process stands still; its clock does not. */
  | (OnNode & { readonly kind: 'pause'; readonly forMs: number })
  /** It loses its line to the broker, and soon notices: neither the other nodes nor the lease store can be reached. */
  | (OnNode & { readonly kind: 'cut'; readonly forMs: number })
  /** Its messages take `latencyMs` each to be taken in: too many, and the broker lets go of them. */
  | (OnNode & { readonly kind: 'slow'; readonly forMs: number; readonly latencyMs: number })
  | (OnNode & { readonly kind: 'disk_slow'; readonly forMs: number; readonly latencyMs: number })
  | (OnNode & { readonly kind: 'disk_full'; readonly forMs: number; readonly freeBytes: number })
  /** The `nth` read, write, sync or rename from now fails; `share` of a failing write reaches the disk. */
  | (OnNode & {
      readonly kind: 'disk_error';
      readonly operation: 'read' | 'write' | 'sync' | 'change';
      readonly nth: number;
      readonly wrote: number;
    })
  | (OnNode & {
      readonly kind: 'bit_flip';
      /** Path that the file's begins with. */
      readonly under: string;
      readonly file: number;
      readonly byte: number;
      readonly bit: number;
    })
  | (OnNode & { readonly kind: 'wall_jump'; readonly byMs: number })
  /** The monotonic clock runs at this rate: 1 is right. */
  | (OnNode & { readonly kind: 'drift'; readonly rate: number; readonly forMs: number })
  /** Nothing gets from one node to the other; nor back, unless `oneWay`. `to` may be `leases`, the lease store. */
  | (At & {
      readonly kind: 'partition';
      readonly from: string;
      readonly to: string;
      readonly oneWay: boolean;
      readonly forMs: number;
    })
  | (At & { readonly kind: 'broker_restart'; readonly forMs: number })
  /** The broker drops, doubles and delays more than usual. */
  | (At & {
      readonly kind: 'storm';
      readonly drop: number;
      readonly duplicate: number;
      readonly delayMs: number;
      readonly forMs: number;
    })
  /** Something the scenario itself knows how to do. */
  | (OnNode & { readonly kind: 'poke'; readonly what: string; readonly by: number });

/** Those that befall one node. */
export type NodeFault = Extract<Fault, { readonly node: string }>;

/** Those between nodes. */
export type NetworkFault = Exclude<Fault, NodeFault>;

export type FaultKind = Fault['kind'];

/** One line for people: `  1204 ms  crash n1, for 300 ms, torn`. */
export function describeFault(fault: Fault): string {
  const { kind, atMs, ...rest } = fault;
  const words = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return `${String(Math.round(atMs)).padStart(7)} ms  ${kind}  ${words.join(', ')}`;
}
