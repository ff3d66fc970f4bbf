/** The run's journal as Tolaria uses it: append without waiting, confirm before the next boundary, degrade when it cannot be written. */
import { EsperError, encode, RUN_RECORDS, type RunRecord, toFailure } from '../../contracts/index.ts';
import type { Journal } from '../../runtime/index.ts';

/** A record's kind is its place in RUN_RECORDS, 1-based, so that a journal can be read without decoding bodies. */
export const kindOf = (record: RunRecord): number =>
  RUN_RECORDS.findIndex(({ type }) => type === record.type) + 1;

/** Records kept while the journal is down; beyond it the oldest fault notes go first, boundaries never. */
const BACKLOG_MAX = 10_000;

export class RunLog {
  #journal: Journal | null;
  #pending: Promise<void> = Promise.resolve();
  #backlog: RunRecord[] = [];
  #known: ReadonlySet<string>;
  readonly #reopen: () => Promise<Journal>;
  readonly #changed: (degraded: boolean, why: string) => void;

  /**
   * @param known keys of records an earlier process wrote: they are not written twice (INV-07)
   * @param reopen tries to open the journal again after it failed
   */
  constructor(options: {
    journal: Journal;
    known: ReadonlySet<string>;
    reopen: () => Promise<Journal>;
    changed: (degraded: boolean, why: string) => void;
  }) {
    this.#journal = options.journal;
    this.#known = options.known;
    this.#reopen = options.reopen;
    this.#changed = options.changed;
  }

  /** True while nothing can be written: training goes on, adaptation pauses. */
  get degraded(): boolean {
    return this.#journal === null;
  }

  /** Queues a record; what an earlier process already wrote is passed over. */
  append(record: RunRecord): void {
    if (this.#known.has(keyOf(record))) return;
    if (this.#backlog.length >= BACKLOG_MAX)
      throw new EsperError('TOLARIA_BACKLOG_FULL', 'the journal has been down too long', {
        records: BACKLOG_MAX,
      });
    this.#backlog.push(record);
    this.#pending = this.#pending.then(() => this.#flush());
  }

  /** Resolves when everything appended so far is on the device, or the journal is known to be down. */
  async confirm(): Promise<void> {
    await this.#pending;
    if (this.#journal === null) await this.#recover();
  }

  async close(): Promise<void> {
    await this.confirm();
    await this.#journal?.close();
  }

  async #flush(): Promise<void> {
    const journal = this.#journal;
    if (journal === null || this.#backlog.length === 0) return;
    const batch = this.#backlog;
    this.#backlog = [];
    const outcomes = await Promise.allSettled(
      batch.map((record) => journal.append(kindOf(record), encode(record))),
    );
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    if (failed === -1) return;
    this.#backlog = [...batch.slice(failed), ...this.#backlog];
    this.#journal = null;
    this.#changed(true, toFailure((outcomes[failed] as PromiseRejectedResult).reason).message);
  }

  async #recover(): Promise<void> {
    try {
      this.#journal = await this.#reopen();
    } catch (error) {
      this.#changed(true, toFailure(error).message);
      return;
    }
    await this.#flush();
    if (this.#journal !== null) this.#changed(false, 'the journal can be written again');
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
  }
}
