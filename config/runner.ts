/** What the command line needs from a run: start it, hear it, stop it, and know how it ended. */
import type { RunConfig, RunEnded, RunEvent, TrainingProgress } from '../contracts/index.ts';

export interface RunnerOptions {
  /** Folder that holds `runs/`. */
  readonly home: string;
  /** Where data sets are looked for, in order. */
  readonly dataDirs: readonly string[];
  /** What started it, for the run's record: a config file or `resume`. */
  readonly origin: string;
}

export interface RunHandle {
  readonly runId: string;
  readonly folder: string;
  /** Everything worth showing, in order; the first listener also hears what came before it. */
  on(listener: (event: TrainingProgress | RunEvent) => void): void;
  /** Writes a checkpoint and ends the run as interrupted; resolves when that is on disk. */
  stop(): Promise<void>;
  readonly ended: Promise<RunSummary>;
}

export interface RunSummary {
  readonly ended: RunEnded;
  readonly runId: string;
  readonly folder: string;
  /** What was saved, by what it is: model, report, journal ... */
  readonly files: Readonly<Record<string, string>>;
  /** Null where the task has no classes. */
  readonly initialAccuracy: number | null;
  readonly initialLoss: number | null;
  readonly rollbacks: readonly { readonly reason: string; readonly ms: number }[];
  readonly decisions: readonly { readonly epoch: number; readonly text: string }[];
  /** From the command to the first training step. */
  readonly startMs: number;
}

export interface Runner {
  start(config: RunConfig, options: RunnerOptions): Promise<RunHandle>;
  resume(runId: string, options: RunnerOptions): Promise<RunHandle>;
}
