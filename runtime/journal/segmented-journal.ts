/** The journal at work: appends gather while the last write syncs, then share the next write and the next sync. */
import assert from 'node:assert/strict';
import type { EsperError } from '../../contracts/failure.ts';
import type { Compression } from '../ports/compression.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Journal, JournalRecord, RecordRange } from '../ports/journal.ts';
import { Batch } from './batch.ts';
import { packed } from './body.ts';
import { journalClosed, journalFailed, recordTooLarge } from './errors.ts';
import type { JournalLock } from './lock.ts';
import type { Mark } from './marks.ts';
import { BODY_BYTES_MAX, KIND_MAX } from './record.ts';
import { RecordReader } from './record-reader.ts';
import { RecordStream } from './record-stream.ts';
import { SEGMENT_HEADER } from './segment.ts';
import type { SegmentFile } from './segment-file.ts';
import type { SegmentPool } from './segment-pool.ts';
import type { SegmentShelf } from './shelf.ts';
import { Watchers } from './watchers.ts';

export interface FollowOptions {
  /** First record wanted, 1 unless said; what was let go is passed over. */
  readonly from?: number | 'mark';
  /** Ends the iteration when it aborts. */
  readonly signal?: AbortSignal;
}

/** A journal in segments, whose oldest ones can be let go. */
export interface SegmentedJournal extends Journal {
  /** Sequence of the oldest record kept; `last + 1` when none is. */
  readonly first: number;
  /** The newest records of the kinds declared as marks, oldest first; 64 at most. */
  readonly marks: readonly Mark[];
  /**
   * Hands over a range at full speed. The body is a view of what was read: copy it to keep it for long.
   * @throws JOURNAL_LET_GO when retention removed what was next
   * @throws JOURNAL_CORRUPT when a record was damaged since the journal was opened
   */
  replay(range: number | RecordRange, visit: (record: JournalRecord) => void): Promise<void>;
  /**
   * Acknowledged records, then new ones as they become durable: in order, none twice, none missed. Ends with the journal.
   * Memory holds one chunk, however slow the reader is; one that retention overtakes is told JOURNAL_LET_GO.
   * @throws JOURNAL_FAILED behind the last acknowledged record of a journal that failed
   */
  follow(options?: FollowOptions): AsyncIterableIterator<JournalRecord>;
  /**
   * Lets go of whole segments that hold nothing from `sequence` on. The newest always stays: numbers never start again.
   * @throws DISK_FAILED and its kin; what was to be removed may partly remain, nothing else is touched
   */
  truncateBefore(sequence: number): Promise<void>;
}

export interface Opened {
  readonly lock: JournalLock;
  readonly shelf: SegmentShelf;
  readonly pool: SegmentPool;
  readonly active: SegmentFile;
  readonly last: number;
  readonly compression?: Compression | undefined;
  readonly failPoints?: FailPoints | undefined;
}

export class GroupCommitJournal implements SegmentedJournal {
  readonly #shelf: SegmentShelf;
  readonly #pool: SegmentPool;
  readonly #lock: JournalLock;
  readonly #compression: Compression | undefined;
  readonly #failPoints: FailPoints | undefined;
  readonly #watchers = new Watchers();
  #active: SegmentFile;
  #last: number;
  #next: number;
  #waiting: Batch[] = [];
  #committing: Promise<void> | undefined;
  #over: EsperError | undefined;
  #closing: Promise<void> | undefined;

  constructor({ lock, shelf, pool, active, last, compression, failPoints }: Opened) {
    this.#lock = lock;
    this.#shelf = shelf;
    this.#pool = pool;
    this.#active = active;
    this.#last = last;
    this.#next = last + 1;
    this.#compression = compression;
    this.#failPoints = failPoints;
  }

  get last(): number {
    return this.#last;
  }

  get first(): number {
    return this.#shelf.first;
  }

  get marks(): readonly Mark[] {
    return this.#shelf.marks.all;
  }

  append(kind: number, body: Uint8Array): Promise<number> {
    assert(Number.isInteger(kind) && kind >= 0 && kind <= KIND_MAX, `no record kind: ${kind}`);
    if (this.#over) return Promise.reject(this.#over);
    if (body.length > BODY_BYTES_MAX) return Promise.reject(recordTooLarge(body.length, BODY_BYTES_MAX));
    const small = this.#compression && packed(this.#compression, body);
    const bytes = small ?? body;
    let batch = this.#waiting.at(-1);
    if (!batch?.takes(bytes)) {
      batch = new Batch(this.#next);
      this.#waiting.push(batch);
    }
    this.#next++;
    const written = batch.add(kind, bytes, small !== undefined, this.#shelf.marks.kinds.has(kind));
    this.#committing ??= this.#commitAll();
    return written;
  }

  read(range: number | RecordRange = 1): AsyncIterableIterator<JournalRecord> {
    const { from, to } = this.#shelf.bounds(range, this.#last);
    return new RecordStream(new RecordReader(this.#shelf, from), () => to);
  }

  async replay(range: number | RecordRange, visit: (record: JournalRecord) => void): Promise<void> {
    const { from, to } = this.#shelf.bounds(range, this.#last);
    const reader = new RecordReader(this.#shelf, from);
    try {
      while (reader.next <= to) await reader.advance(to, visit);
    } finally {
      await reader.close();
    }
  }

  follow({ from = 1, signal }: FollowOptions = {}): AsyncIterableIterator<JournalRecord> {
    const reader = new RecordReader(this.#shelf, this.#shelf.bounds({ from }, this.#last).from);
    let left = false;
    const until = async (next: number): Promise<number> => {
      while (!left && !signal?.aborted) {
        if (this.#last >= next) return this.#last;
        if (this.#over && this.#committing === undefined) {
          if (this.#over.code === 'JOURNAL_CLOSED') break;
          throw this.#over;
        }
        await this.#watchers.change(signal);
      }
      return 0;
    };
    return new RecordStream(reader, until, () => {
      left = true;
      this.#watchers.wake();
    });
  }

  truncateBefore(sequence: number): Promise<void> {
    return this.#shelf.truncateBefore(sequence);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const sound = this.#over === undefined;
    this.#over ??= journalClosed(this.#shelf.folder);
    try {
      await this.#committing;
      this.#watchers.wake();
      await this.#shelf.settled();
      await this.#active.file.close();
      await this.#pool.close();
      if (sound) await this.#shelf.marks.save(this.#shelf.disk, this.#shelf.folder);
    } finally {
      await this.#lock.release();
    }
  }

  /** One turn of patience, then batch after batch; each is synced before the next is written. */
  async #commitAll(): Promise<void> {
    await Promise.resolve();
    for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) {
      try {
        await this.#commit(batch);
      } catch (error) {
        this.#fail(error, batch);
        break;
      }
      this.#last = batch.last;
      batch.acknowledge();
      this.#watchers.wake();
    }
    this.#committing = undefined;
    if (this.#over) this.#watchers.wake();
  }

  async #commit(batch: Batch): Promise<void> {
    if (this.#active.offset + batch.length > this.#active.size) await this.#rotate(batch);
    const { file, salt, number, offset: at } = this.#active;
    this.#failPoints?.hit('walBeforeAppend');
    await file.write(batch.sealed(salt), at);
    this.#failPoints?.hit('walAfterAppendBeforeSync');
    await file.sync();
    this.#failPoints?.hit('walAfterSync');
    this.#active.offset = at + batch.length;
    for (const { kind, sequence, offset } of batch.marks) {
      this.#shelf.marks.add({ kind, sequence, segment: number, offset: at + offset });
    }
    if (this.#active.offset * 2 > this.#active.size) this.#pool.prepare();
  }

  async #rotate({ first, length }: Batch): Promise<void> {
    this.#failPoints?.hit('segmentBeforeRotate');
    await this.#shelf.catchUp();
    const full = this.#active.file;
    this.#active = await this.#pool.next(this.#active.number + 1, first, SEGMENT_HEADER + length);
    this.#shelf.add(this.#active);
    await full.close();
    this.#shelf.tidyLater();
    this.#failPoints?.hit('segmentAfterRotate');
  }

  /** A failed sync may have lost pages for good: nothing is retried, nobody else is told "done". */
  #fail(cause: unknown, batch: Batch): void {
    this.#over = journalFailed(this.#shelf.folder, this.#last, cause);
    for (const refused of [batch, ...this.#waiting.splice(0)]) refused.refuse(this.#over);
  }
}
