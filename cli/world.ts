/** Everything the command line touches outside itself, so that a test can be the whole world. */
import type { Runner } from '../config/runner.ts';
import type { Clock, Disk, Processes } from '../runtime/index.ts';
import type { Http } from '../runtime/ports/http.ts';
import type { GpuFacts } from './doctor/gpu-facts.ts';

export interface Terminal {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
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
  /** Tells of each interrupt; the answer stops listening. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Ends the process without waiting for anything. */
  exitNow(code: number): void;
}
