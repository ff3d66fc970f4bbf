/** Everything a training host touches outside itself. */
import type { FieldReport, RunEvent, SystemStatePacket, TrainingProgress } from '../../contracts/index.ts';
import type { Clock, Disk, Hasher, Ids, Log, Processes, SystemPorts } from '../../runtime/index.ts';
import type { loadDataset } from '../datasets/index.ts';
import type { Environment } from '../engine-room.ts';

export interface TrainingWorld {
  /** Variables of the process; none of them matters unless it is set. */
  readonly env?: Environment;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly processes: Processes;
  readonly hasher: Hasher;
  /** Ports for the actor system of this host; random streams follow the run's seed. */
  systemPorts(seed: number): Promise<SystemPorts>;
  /** Reads data that may have been read ahead; nothing was unless it is given. */
  readonly loadDataset?: typeof loadDataset;
  readonly publish: (message: TrainingProgress | RunEvent | SystemStatePacket | FieldReport) => void;
}
