/** What a trainer needs from the world: handed in once, by whoever starts the training host. */
import type {
  EsperError,
  FieldReport,
  RunEnded,
  RunEvent,
  SystemStatePacket,
  TrainingProgress,
} from '../../contracts/index.ts';
import type { BatchStream, RateState, Rows, UnifiedLRController } from '../../nn/index.ts';
import type { CheckpointStore, Clock, Disk } from '../../runtime/index.ts';
import type { KasminaMessage, TamiyoMessage, Workspace } from '../triad.ts';
import type { LiveSettings } from './live-settings.ts';
import type { Orders } from './orders.ts';
import type { RunLog } from './run-log.ts';
import type { RunState, Scars } from './run-state.ts';

/** What the process before this one left: training starts there and checks itself against its journal. */
export interface Resumed {
  /** Null when no checkpoint could be used: the run starts over, and still checks itself against its journal. */
  readonly saved: { readonly state: RunState; readonly scars: Scars; readonly rates: RateState } | null;
  /** Digests of boundaries committed after the checkpoint, by boundary: re-execution must reproduce each. */
  readonly expected: ReadonlyMap<number, string>;
  readonly lastCommitted: number;
  /** Steps of the boundaries at which adaptation paused, for reasons that will not come back: a disk, a crash. */
  readonly paused: ReadonlySet<number>;
  readonly startedAtMs: number;
  /** The versions that decide bit patterns: those that began the run, and those that go on with it. */
  readonly engines: { readonly began: string; readonly goesOn: string };
  /** By the clock of this process, when it began to open the run. */
  readonly openedAtMs: number;
}

export interface TolariaArgs {
  readonly work: Workspace;
  readonly train: Rows;
  readonly validation: Rows;
  readonly test: Rows;
  readonly batches: BatchStream;
  readonly rates: UnifiedLRController;
  readonly log: RunLog;
  /** Commands by hand; they outlive a restart of the trainer. */
  readonly orders: Orders;
  readonly settings: LiveSettings;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly resumed: Resumed | null;
  /** Telemetry leaves here and is never waited for. */
  readonly publish: (message: TrainingProgress | RunEvent | SystemStatePacket | FieldReport) => void;
  /** Where `model/`, `report.md` and `report.json` go. */
  readonly folder: string;
  readonly disk: Disk;
  readonly hostParametersAtBirth: number;
  /** The run is over; called once, with the files it left by role. */
  readonly closed: (ended: RunEnded, files: Readonly<Record<string, string>>) => void;
  /** The run cannot go on and going back would not help; called once, instead of `closed`. */
  readonly failed: (error: EsperError) => void;
}

/** Direct calls to the neighbours in the co-location group. @throws ACTOR_CRASHED, ACTOR_GONE */
export interface Neighbours {
  kasmina<R>(message: KasminaMessage): R;
  tamiyo<R>(message: TamiyoMessage): R;
}
