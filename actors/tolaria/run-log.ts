/** The run's journal as Tolaria uses it: append without waiting, confirm before the next boundary, degrade when it cannot be written. */
import { EsperError, kindOf, type RunRecord, recordBytes, toFailure } from '../../contracts/index.ts';
import type { Journal } from '../../runtime/index.ts';

/** Records kept while the journal is down; beyond it the run fails, for a backlog that long would be lost with the process. */
const BACKLOG_MAX = 10_000;

export class RunLog {
  #journal: Journal;
  #degraded = false;
  #released = false;
  /** Everything that touches the journal, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #backlog: RunRecord[] = [];
  /** Sequence of the newest record that the journal has acknowledged. */
  #acknowledged: number;
  readonly #known: Set<string>;
  readonly #reopen: () => Promise<Journal>;
  readonly #changed: (degraded: boolean, why: string) => void;

  /**
   * @param known keys of records an earlier process wrote: they are not written twice (INV-07)
   * @param reopen tries to open the journal again after it failed
   * @param changed hears once when the journal goes down, and once when it is back
   */
  constructor(options: {
    journal: Journal;
    known: ReadonlySet<string>;
    reopen: () => Promise<Journal>;
    changed: (degraded: boolean, why: string) => void;
  }) {
    this.#journal = options.journal;
    this.#acknowledged = options.journal.last;
    this.#known = new Set(options.known);
    this.#reopen = options.reopen;
    this.#changed = options.changed;
  }

  /** True while nothing can be written: training goes on, adaptation pauses. */
  get degraded(): boolean {
    return this.#degraded;
  }

  /** Queues a record; what stands in the journal already, from an earlier process or an undone boundary, is passed over. */
  append(record: RunRecord): void {
    const key = keyOf(record);
    if (this.#known.has(key)) return;
    if (this.#backlog.length >= BACKLOG_MAX)
      throw new EsperError('TOLARIA_BACKLOG_FULL', 'the journal has been down too long', {
        records: BACKLOG_MAX,
      });
    if (record.type === 'tolaria.boundary.committed' || record.type === 'tolaria.run.commanded')
      this.#known.add(key);
    this.#backlog.push(record);
    void this.#next(() => this.#flush());
  }

  /** Resolves when everything appended so far is on the device, or the journal is known to be down. */
  confirm(): Promise<void> {
    return this.#next(() => this.#recover());
  }

  /** Confirms, then ends. @throws TOLARIA_JOURNAL_DOWN when something could not be written */
  async close(): Promise<void> {
    await this.confirm();
    if (this.#degraded)
      throw new EsperError(
        'TOLARIA_JOURNAL_DOWN',
        'the run is over but its journal cannot be written',
        { records: this.#backlog.length },
        { hint: 'mend the disk, then resume the run: its last boundaries are run again', retryable: true },
      );
    await this.release();
  }

  /** Lets go of the journal as it is; nothing can be written from here on. */
  async release(): Promise<void> {
    this.#released = true;
    await this.#work;
    await this.#journal.close();
  }

  #next(task: () => Promise<void>): Promise<void> {
    if (this.#released) throw new EsperError('TOLARIA_LOG_RELEASED', 'the run has let go of its journal');
    this.#work = this.#work.then(task);
    return this.#work;
  }

  async #flush(): Promise<void> {
    if (this.#degraded || this.#backlog.length === 0) return;
    const batch = this.#backlog;
    this.#backlog = [];
    const outcomes = await Promise.allSettled(
      batch.map((record) => this.#journal.append(kindOf(record), recordBytes(record))),
    );
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    this.#acknowledged += failed === -1 ? batch.length : failed;
    if (failed === -1) return;
    this.#backlog = [...batch.slice(failed), ...this.#backlog];
    this.#degraded = true;
    this.#changed(true, toFailure((outcomes[failed] as PromiseRejectedResult).reason).message);
  }

  /**
   * Opens the journal again, if it is down. A record whose sync failed may stand there all the same: whatever lies
   * behind the newest acknowledged one is the front of the backlog, in order, and is not written twice.
   */
  async #recover(): Promise<void> {
    if (!this.#degraded) return;
    // The old one may be unable to take its lock away; whoever opens it again then takes the lock over.
    await Promise.allSettled([this.#journal.close()]);
    const [reopened] = await Promise.allSettled([this.#reopen()]);
    if (reopened.status === 'rejected') return;
    this.#journal = reopened.value;
    this.#backlog.splice(0, this.#journal.last - this.#acknowledged);
    this.#acknowledged = this.#journal.last;
    this.#degraded = false;
    await this.#flush();
    if (!this.#degraded) this.#changed(false, 'the journal can be written again');
  }
}

/** Two records with the same key say the same thing: re-execution after a crash must not say it again. */
export function keyOf(record: RunRecord): string {
  switch (record.type) {
    case 'tolaria.boundary.committed':
      return `boundary:${record.boundary}`;
    case 'tolaria.run.rolled_back':
      return `rollback:${record.atStep}:${record.reason}`;
    case 'tolaria.fault.contained':
      return `fault:${record.step}:${record.who}:${record.what}`;
    case 'tolaria.checkpoint.written':
      return `checkpoint:${record.boundary}:${record.sha256}`;
    case 'tolaria.run.started':
      return 'started';
    case 'tolaria.run.resumed':
      return `resumed:${record.lastCommitted}:${record.recoveryMs}`;
    case 'tolaria.run.ended':
      return `ended:${record.step}:${record.outcome}:${record.wallMs}`;
    case 'tolaria.run.commanded':
      return `commanded:${record.number}`;
  }
}
