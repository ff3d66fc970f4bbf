/** Data that is read while a training host still loads what trains on it. */
import type { Disk } from '../../runtime/index.ts';
import { loadAhead } from '../datasets/ahead.ts';
import { TrainingPrepared } from '../training/order.ts';
import type { TrainingWorld } from '../training/world.ts';

export class DataAhead {
  /** How to read what was begun; nothing before. */
  begun: Pick<TrainingWorld, 'loadDataset'> = {};
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Reads the data of a run that is about to be ordered. @throws ContractError */
  begin(body: unknown): void {
    const { task, dataDirs, seed } = TrainingPrepared.parse(body);
    this.begun = { loadDataset: loadAhead(task, { disk: this.#disk, dataDirs, seed }) };
  }
}
