/** Everything the command line touches outside itself, so that a test can be the whole world. */
import type { NodeOptions, RunningNode } from '../config/cluster/node.ts';
import type { Runner } from '../config/runner.ts';
import type { Clock, Disk, Processes } from '../runtime/index.ts';
import type { Http } from '../runtime/ports/http.ts';
import type { Services } from '../runtime/ports/services.ts';
import type { GpuFacts } from './doctor/gpu-facts.ts';

export interface Terminal {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  /** Where it is known. */
  readonly rows?: number | undefined;
}

/** What `doctor` asks the machine. */
export interface Machine {
  /** What there is for computing on a GPU. */
  gpu(): GpuFacts;
  readonly nodeVersion: string;
  /** Free bytes on the disk that holds `path`. */
  freeBytes(path: string): Promise<number>;
  /** How many files this process may open; null where the system does not tell. */
  openFilesMax(): number | null;
  /** Loads the tensor backend and multiplies two matrices for about 10 ms. */
  multiply(): Promise<{
    readonly backend: string;
    /** What was chosen and why, and why nothing else. */
    readonly chosen: string;
    readonly ms: number;
    readonly gigaflops: number;
  }>;
}

/** Where a broker is and who asks; see the options of its adapter. */
export interface BrokerOptions {
  readonly servers: string;
  readonly name: string;
  readonly cluster: string;
  readonly auth?: { readonly seed: string };
  /** Paths of PEM files. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface Broker {
  readonly services: Services;
  close(): Promise<void>;
}

export interface World {
  /** Of Esper itself. */
  readonly version: string;
  readonly out: Terminal;
  readonly err: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly disk: Disk;
  readonly processes: Processes;
  readonly http: Http;
  readonly clock: Clock;
  readonly machine: Machine;
  /** Loads what runs need; slow, so only commands that train call it. */
  runner(): Promise<Runner>;
  /** Connects to the broker of a cluster. @throws NATS_UNREACHABLE, NATS_AUTH_REFUSED, NATS_TLS_REFUSED */
  broker(options: BrokerOptions): Promise<Broker>;
  /** Loads what a node of a cluster needs and starts it. */
  node(options: NodeOptions): Promise<RunningNode>;
  /** Tells of each interrupt, and of the end of whoever started this process to be part of something; the answer stops listening. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Ends the process without waiting for anything. */
  exitNow(code: number): void;
}
