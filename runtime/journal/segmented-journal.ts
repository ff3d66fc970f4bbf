/** The journal at work: appends gather while the last write syncs, then share the next write and the next sync. */
import assert from 'node:assert/strict';
import type { EsperError } from '../../contracts/failure.ts';
import type { Disk } from '../ports/disk.ts';
import type { Journal, JournalRecord } from '../ports/journal.ts';
import { Batch } from './batch.ts';
import { journalClosed, journalCorrupt, journalFailed, recordTooLarge } from './errors.ts';
import type { JournalLock } from './lock.ts';
import { KIND_MAX } from './record.ts';
import { recordsIn, SEGMENT_HEADER, segmentName } from './segment.ts';
import { createSegment, type SegmentFile } from './segment-file.ts';
import { FLOOR_FILE } from './survey.ts';

const BODY_BYTES_MAX = 16 << 20;

/** A journal in segments, whose oldest ones can be let go. */
export interface SegmentedJournal extends Journal {
  /** Sequence of the oldest record kept; `last + 1` when none is. */
  readonly first: number;
  /**
   * Lets go of whole segments that hold nothing from `sequence` on. The newest always stays: numbers never start again.
   * @throws DISK_FAILED and its kin; what was to be removed may partly remain, nothing else is touched
   */
  truncateBefore(sequence: number): Promise<void>;
}

export interface Opened {
  readonly disk: Disk;
  readonly folder: string;
  readonly segmentBytes: number;
  readonly lock: JournalLock;
  /** Number and first sequence of each segment, oldest first; the newest is `active`. */
  readonly segments: readonly { readonly number: number; readonly first: number }[];
  readonly active: SegmentFile;
  readonly last: number;
}

export class GroupCommitJournal implements SegmentedJournal {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #lock: JournalLock;
  #segments: { readonly number: number; readonly first: number }[];
  #active: SegmentFile;
  #last: number;
  #next: number;
  #waiting: Batch[] = [];
  #committing: Promise<void> | undefined;
  #over: EsperError | undefined;
  #closing: Promise<void> | undefined;

  constructor({ disk, folder, segmentBytes, lock, segments, active, last }: Opened) {
    this.#disk = disk;
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
    this.#lock = lock;
    this.#segments = [...segments];
    this.#active = active;
    this.#last = last;
    this.#next = last + 1;
  }

  get last(): number {
    return this.#last;
  }

  get first(): number {
    return this.#segments[0]?.first ?? 1;
  }

  append(kind: number, body: Uint8Array): Promise<number> {
    assert(Number.isInteger(kind) && kind >= 0 && kind <= KIND_MAX, `no record kind: ${kind}`);
    if (this.#over) return Promise.reject(this.#over);
    if (body.length > BODY_BYTES_MAX) return Promise.reject(recordTooLarge(body.length, BODY_BYTES_MAX));
    let batch = this.#waiting.at(-1);
    if (!batch?.takes(body)) {
      batch = new Batch(this.#next);
      this.#waiting.push(batch);
    }
    this.#next++;
    const written = batch.add(kind, body);
    this.#committing ??= this.#commitAll();
    return written;
  }

  async *read(from = 1): AsyncGenerator<JournalRecord, void, void> {
    const until = this.#last;
    const segments = [...this.#segments];
    for (const [i, { number, first }] of segments.entries()) {
      if ((segments[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= from) continue;
      if (first > until) return;
      let reached = first - 1;
      let end = SEGMENT_HEADER;
      const bytes = await this.#disk.read(`${this.#folder}/${segmentName(number)}`);
      for (const record of recordsIn(bytes, first)) {
        if (record.sequence > until) return;
        ({ sequence: reached, end } = record);
        if (record.sequence >= from) yield record;
      }
      this.#expect(Math.min(until, (segments[i + 1]?.first ?? until + 1) - 1), reached, number, end);
    }
  }

  async truncateBefore(sequence: number): Promise<void> {
    const keepFrom = this.#segments.findLastIndex(({ first }) => first <= sequence);
    const kept = this.#segments[keepFrom];
    if (keepFrom < 1 || !kept) return;
    const floor = new TextEncoder().encode(JSON.stringify({ first: kept.first }));
    await this.#disk.writeAtomic(`${this.#folder}/${FLOOR_FILE}`, floor);
    const released = this.#segments.splice(0, keepFrom);
    // Oldest first: whatever stops us, what remains has no gap.
    for (const { number } of released) await this.#disk.remove(`${this.#folder}/${segmentName(number)}`);
    await this.#disk.syncFolder(this.#folder);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#over ??= journalClosed(this.#folder);
    await this.#committing;
    await this.#active.file.close();
    await this.#lock.release();
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
    }
    this.#committing = undefined;
  }

  async #commit(batch: Batch): Promise<void> {
    const { bytes } = batch;
    if (this.#active.offset + bytes.length > this.#active.size) await this.#rotate(batch.first, bytes.length);
    await this.#active.file.write(bytes, this.#active.offset);
    await this.#active.file.sync();
    this.#active.offset += bytes.length;
  }

  async #rotate(first: number, room: number): Promise<void> {
    const header = { number: this.#active.number + 1, first };
    const size = Math.max(this.#segmentBytes, SEGMENT_HEADER + room);
    const fresh = await createSegment(this.#disk, this.#folder, header, size);
    const full = this.#active.file;
    this.#active = fresh;
    this.#segments.push(header);
    await full.close();
  }

  /** A failed sync may have lost pages for good: nothing is retried, nobody else is told "done". */
  #fail(cause: unknown, batch: Batch): void {
    this.#over = journalFailed(this.#folder, this.#last, cause);
    for (const refused of [batch, ...this.#waiting.splice(0)]) refused.refuse(this.#over);
  }

  #expect(sequence: number, reached: number, number: number, offset: number): void {
    if (reached >= sequence) return;
    const where = { segment: segmentName(number), offset, sequence: reached + 1 };
    const reason = `record ${reached + 1} was damaged while the journal was open`;
    throw journalCorrupt(this.#folder, { kind: 'corrupt', ...where, reason, bytes: 0 });
  }
}
