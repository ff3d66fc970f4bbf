/** What is known of durable tasks and what is written of them, in step: the journal is begun anew when most of it is history. */
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { MemoryOfTasks } from './memory-of-tasks.ts';
import type { TaskJournal } from './task-journal.ts';

export interface LedgerOptions {
  readonly journal: TaskJournal;
  readonly memory: MemoryOfTasks;
  /** Records after which the journal begins anew, if it can. */
  readonly startOverAfter: number;
  /** Aborted when another life may have the journal: from then on nothing old is said again. */
  readonly signal: AbortSignal;
}

export class TaskLedger {
  readonly #options: LedgerOptions;
  /** Records in the journal. */
  #records = 0;
  #underWay = 0;
  /** While the journal begins anew, nobody else writes. */
  #startingOver: Promise<void> | null = null;
  #idle: (() => void) | null = null;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Takes in what the journal says. */
  async read(): Promise<void> {
    const { journal, memory } = this.#options;
    for await (const record of journal.read()) {
      memory.add(record);
      this.#records++;
    }
  }

  /** Resolves when the record is safe. @throws whatever keeps it from being so */
  async write(record: TaskRecord): Promise<void> {
    const { journal, memory } = this.#options;
    while (this.#startingOver !== null) await this.#startingOver;
    this.#underWay++;
    try {
      await journal.append(record);
      memory.add(record);
      this.#records++;
    } finally {
      if (--this.#underWay === 0) this.#idle?.();
    }
    if (!this.#isDue) return;
    this.#startingOver ??= this.#startOver();
    await this.#startingOver;
  }

  /** Beginning anew has to be worth its price. */
  get #isDue(): boolean {
    const { journal, memory, startOverAfter } = this.#options;
    return journal.startOver !== undefined && this.#records >= Math.max(startOverAfter, 2 * memory.size);
  }

  async #startOver(): Promise<void> {
    const { journal, memory, signal } = this.#options;
    try {
      // A record under way is not in the memory yet, and must not be passed over.
      if (this.#underWay > 0)
        await new Promise<void>((resolve) => {
          this.#idle = resolve;
        });
      if (signal.aborted) return;
      await journal.startOver?.(memory.restated());
      this.#records = memory.size;
    } finally {
      this.#idle = null;
      this.#startingOver = null;
    }
  }
}
