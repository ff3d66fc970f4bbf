/** Reads a journal's files a chunk at a time, also while it is written: memory stays flat, however long the log. */
import type { Disk, OpenFile } from '../ports/disk.ts';
import type { JournalRecord } from '../ports/journal.ts';
import type { Inflate } from './body.ts';
import { journalCorrupt, recordsLetGo } from './errors.ts';
import { BODY_BYTES_MAX, endAt, kindAt, RECORD_HEADER, recordEnd } from './record.ts';
import type { Standing } from './scan.ts';
import { decodeHeader, SEGMENT_HEADER, type SegmentHeader, segmentName, viewOf } from './segment.ts';

/** A small first read, for those who follow the newest records; then larger ones, for those who read it all. */
const CHUNK_MIN = 64 << 10;
const CHUNK_MAX = 1 << 20;
const RECORD_BYTES_MAX = RECORD_HEADER + BODY_BYTES_MAX;

/** What a reader has to know about the journal as it is now. */
export interface Shelf {
  readonly disk: Disk;
  readonly folder: string;
  readonly inflate: Inflate;
  /** Sequence of the oldest record kept. */
  readonly first: number;
  /** The segment that holds a sequence, the last sequence in there as far as it is decided, and a place at or before it. */
  holding(sequence: number): { header: SegmentHeader; last: number; start: Standing } | undefined;
}

export class RecordReader {
  readonly #shelf: Shelf;
  #next: number;
  #file: OpenFile | undefined;
  #header: SegmentHeader | undefined;
  /** Where the next chunk begins. */
  #at: Standing = { offset: 0, sequence: 0 };
  #chunk = CHUNK_MIN;

  /** @param from first sequence handed over; the caller closes the reader */
  constructor(shelf: Shelf, from: number) {
    this.#shelf = shelf;
    this.#next = from;
  }

  /** The sequence handed over next. */
  get next(): number {
    return this.#next;
  }

  /**
   * Hands over some of the records up to `until`, or none when the next one lies beyond it. Bodies are views of the chunk.
   * @throws JOURNAL_LET_GO when retention was quicker
   * @throws JOURNAL_CORRUPT when a record was damaged since the journal was opened
   */
  async advance(until: number, visit: (record: JournalRecord) => void): Promise<void> {
    if (this.#next > until) return;
    const place = this.#shelf.holding(this.#next);
    if (!place) throw this.#letGo();
    const { header } = place;
    if (this.#header?.number !== header.number) await this.#open(header, place.start);
    const bytes = await this.#read(this.#chunk);
    const before = this.#at.offset;
    this.#walk(bytes, header, Math.min(until, place.last), visit);
    if (this.#at.offset === before) await this.#widen(bytes);
    else this.#chunk = Math.min(CHUNK_MAX, Math.max(CHUNK_MIN, this.#chunk * 2));
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#header = undefined;
    await file?.close();
  }

  #walk(
    bytes: Uint8Array,
    { salt }: SegmentHeader,
    until: number,
    visit: (record: JournalRecord) => void,
  ): void {
    const view = viewOf(bytes);
    const { inflate } = this.#shelf;
    const from = this.#next;
    let { offset, sequence } = this.#at;
    const base = offset;
    for (; sequence <= until; sequence++) {
      const at = offset - base;
      const end = recordEnd(bytes, view, at, sequence, salt);
      if (end === 0) break;
      offset = base + end;
      if (sequence < from) continue;
      visit({ sequence, kind: kindAt(view, at), body: inflate(bytes, view, at, end) });
      this.#next = sequence + 1;
    }
    this.#at = { offset, sequence };
  }

  /** Not one record came out: a larger chunk may hold it, unless it is damaged. */
  async #widen(bytes: Uint8Array): Promise<void> {
    const wanted = bytes.length < RECORD_HEADER ? RECORD_HEADER : endAt(viewOf(bytes), 0);
    const atTheEnd = bytes.length < this.#chunk;
    if (wanted > bytes.length && !atTheEnd && wanted <= RECORD_BYTES_MAX) {
      this.#chunk = wanted;
      return;
    }
    throw this.#damaged('was damaged while the journal was open');
  }

  async #open(header: SegmentHeader, start: Standing): Promise<void> {
    await this.close();
    const path = `${this.#shelf.folder}/${segmentName(header.number)}`;
    try {
      this.#file = await this.#shelf.disk.open(path, 'read');
    } catch (error) {
      throw this.#isLetGo ? this.#letGo() : error;
    }
    this.#header = header;
    const stands = decodeHeader(await this.#file.read(0, SEGMENT_HEADER));
    if (typeof stands === 'string' || stands.salt !== header.salt || stands.number !== header.number) {
      throw this.#damaged('stands in a segment whose header was damaged while the journal was open');
    }
    this.#at = start;
  }

  #read(length: number): Promise<Uint8Array> {
    const file = this.#file;
    if (!file) throw this.#letGo();
    return file.read(this.#at.offset, length);
  }

  get #isLetGo(): boolean {
    return this.#next < this.#shelf.first;
  }

  #letGo() {
    return recordsLetGo(this.#shelf.folder, this.#next, this.#shelf.first);
  }

  #damaged(what: string) {
    if (this.#isLetGo) return this.#letGo();
    const { folder } = this.#shelf;
    const { sequence, offset } = this.#at;
    const where = { segment: segmentName(this.#header?.number ?? 0), offset, sequence };
    return journalCorrupt(folder, {
      kind: 'corrupt',
      ...where,
      reason: `record ${sequence} ${what}`,
      bytes: 0,
    });
  }
}
