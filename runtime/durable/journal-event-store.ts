/** Many event streams in one journal: what they append at the same time shares one write and one sync. */
import { EsperError } from '../../contracts/failure.ts';
import type { SegmentedJournal } from '../journal/segmented-journal.ts';
import type { EventRange, EventStore, SnapshotStore, StateStore, StoredEvent } from '../ports/event-store.ts';
import type { JournalRecord } from '../ports/journal.ts';
import { eventsCorrupt, eventsTooLarge, stale } from './errors.ts';
import { decodeStreamRecord, encodeStreamRecord, KIND, packEvents, unpackEvents } from './event-records.ts';
import { JournalStates } from './journal-states.ts';
import { RecentEvents, type StoredBatch } from './recent-events.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';
import { Stream } from './stream.ts';
import { folderNameOf } from './stream-id.ts';

/** Of one append; a journal takes no larger record. */
const APPEND_BYTES_MAX = 15 << 20;

export interface JournalStoreOptions {
  readonly journal: SegmentedJournal;
  readonly snapshots: SnapshotFolder;
  /** Bytes of events held in memory. */
  readonly recentBytes: number;
  /** Batches let go until the journal's old segments are looked at. */
  readonly compactAfter: number;
}

export class JournalEventStore implements EventStore {
  readonly snapshots: SnapshotStore;
  readonly states: StateStore;
  readonly #journal: SegmentedJournal;
  readonly #states: JournalStates;
  readonly #folder: SnapshotFolder;
  readonly #recent: RecentEvents;
  readonly #compactAfter: number;
  readonly #streams = new Map<string, Stream>();
  #released = 0;
  #compacting: Promise<void> | null = null;
  /** The journal has failed or is closed: nobody is told anything but this. */
  #over: EsperError | null = null;

  constructor({ journal, snapshots, recentBytes, compactAfter }: JournalStoreOptions) {
    this.#journal = journal;
    this.#folder = snapshots;
    this.snapshots = snapshots;
    this.#states = new JournalStates(journal, (id) => this.#check(id));
    this.states = this.#states;
    this.#recent = new RecentEvents(recentBytes);
    this.#compactAfter = compactAfter;
  }

  async append(id: string, events: readonly Uint8Array[], { expected }: { readonly expected: number }) {
    this.#check(id);
    const stream = this.#stream(id);
    if (expected !== stream.assigned) return stale(id, expected, stream.assigned);
    if (events.length === 0) return expected;
    const packed = packEvents(events);
    if (packed.length > APPEND_BYTES_MAX) throw eventsTooLarge(id, packed.length, APPEND_BYTES_MAX);
    const first = expected + 1;
    const count = events.length;
    stream.assigned += count;
    return this.#write(stream, KIND.events, encodeStreamRecord(id, first, packed), (sequence) => {
      stream.keep({ sequence, first, count, packed }, this.#recent);
      return expected + count;
    });
  }

  async *read(id: string, range: EventRange = {}): AsyncGenerator<StoredEvent, void, void> {
    const { from = 1, to = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY } = range;
    this.#check(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    await stream.pending;
    const low = Math.max(from, stream.deletedTo + 1);
    let left = limit;
    const wanted = stream.batches.filter(({ first, count }) => first <= to && first + count > low);
    for await (const { sequence, first, packed } of this.#packed(wanted)) {
      for (const [i, bytes] of unpackEvents(sequence, packed).entries()) {
        const revision = first + i;
        if (revision < low || revision > to) continue;
        if (left-- <= 0) return;
        yield { revision, bytes };
      }
    }
  }

  async highest(id: string): Promise<number> {
    this.#check(id);
    const stream = this.#streams.get(id);
    await stream?.pending;
    return stream?.highest ?? 0;
  }

  async deleteTo(id: string, revision: number): Promise<void> {
    this.#check(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const to = Math.min(revision, stream.assigned);
    if (to <= stream.deletedTo) return;
    await this.#write(stream, KIND.deleted, encodeStreamRecord(id, to), (sequence) => {
      this.#released += stream.release(to, sequence, this.#recent);
    });
    if (this.#released >= this.#compactAfter) await this.compact();
  }

  /** Lets go of the journal's segments that no stream needs any more; what only they said is said again first. */
  compact(): Promise<void> {
    this.#compacting ??= this.#compact().finally(() => {
      this.#compacting = null;
    });
    return this.#compacting;
  }

  async close(): Promise<void> {
    await this.#compacting?.catch(() => {}); // whoever asked for it is told
    await this.#folder.close();
    await this.#journal.close();
  }

  /** Takes in a record read at the start. @throws EVENTS_CORRUPT */
  replay({ sequence, kind, body }: JournalRecord): void {
    const { id, revision, rest } = decodeStreamRecord(sequence, body);
    if (kind === KIND.events) {
      const stream = this.#stream(id);
      const { highest } = stream;
      if (highest > 0 && revision <= highest)
        throw eventsCorrupt(sequence, `event ${revision} of ${id} follows ${highest}`);
      if (highest > 0 && revision > highest + 1) stream.missingTo = revision - 1;
      const packed = rest.slice();
      const { length: count } = unpackEvents(sequence, packed);
      stream.keep({ sequence, first: revision, count, packed }, this.#recent);
    } else if (kind === KIND.deleted || kind === KIND.mark) {
      this.#stream(id).release(revision, sequence, this.#recent);
    } else if (kind === KIND.state) this.#states.replay(sequence, id, revision, rest.slice());
    else if (kind === KIND.stateDeleted) this.#states.replay(sequence, id, revision, null);
    else throw eventsCorrupt(sequence, `its kind is ${kind}`);
  }

  /** To be called after the last `replay`. @throws EVENTS_CORRUPT when events are missing that nobody let go */
  replayed(): void {
    for (const [id, { missingTo, deletedTo, toldAt }] of this.#streams)
      if (missingTo > deletedTo) throw eventsCorrupt(toldAt, `event ${missingTo} of ${id} is missing`);
  }

  async #compact(): Promise<void> {
    this.#released = 0;
    let floor = this.#journal.last + 1;
    for (const { oldest } of this.#streams.values())
      if (oldest !== undefined) floor = Math.min(floor, oldest);
    const told: Promise<unknown>[] = [this.#states.carry(floor)];
    for (const [id, stream] of this.#streams) {
      if (stream.pending !== null) told.push(stream.pending);
      if (stream.toldAt >= floor || stream.highest === 0) continue;
      const mark = encodeStreamRecord(id, stream.highest);
      told.push(
        this.#write(stream, KIND.mark, mark, (sequence) => {
          stream.toldAt = sequence;
        }),
      );
    }
    await Promise.all(told);
    if (this.#over === null) await this.#journal.truncateBefore(floor);
  }

  /** Batches with their events: from memory, and those that gave way there from the journal. */
  async *#packed(batches: readonly StoredBatch[]): AsyncGenerator<StoredBatch & { packed: Uint8Array }> {
    const known = batches.findIndex(({ packed }) => packed !== null);
    const older = known === -1 ? batches : batches.slice(0, known);
    const [oldest] = older;
    if (oldest !== undefined) yield* this.#fromJournal(oldest.sequence, [...older]);
    for (const batch of batches.slice(older.length)) {
      const { packed } = batch;
      if (packed === null) yield* this.#fromJournal(batch.sequence, [batch]);
      else yield { ...batch, packed };
    }
  }

  async *#fromJournal(
    from: number,
    batches: StoredBatch[],
  ): AsyncGenerator<StoredBatch & { packed: Uint8Array }> {
    for await (const { sequence, body } of this.#journal.read(from)) {
      const [next] = batches;
      if (next === undefined) return;
      if (sequence !== next.sequence) continue;
      batches.shift();
      yield { ...next, packed: decodeStreamRecord(sequence, body).rest };
      if (batches.length === 0) return;
    }
  }

  async #write<T>(
    stream: Stream,
    kind: number,
    record: Uint8Array,
    done: (sequence: number) => T,
  ): Promise<T> {
    const written = this.#journal.append(kind, record).then(done);
    const settled = written.catch((error: unknown) => {
      this.#over ??= error instanceof EsperError ? error : null;
    });
    stream.pending = settled;
    try {
      return await written;
    } finally {
      if (stream.pending === settled) stream.pending = null;
    }
  }

  #stream(id: string): Stream {
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      stream = new Stream();
      this.#streams.set(id, stream);
    }
    return stream;
  }

  /** Without this, the streams that lost an append would be taken for somebody else's. */
  #check(id: string): void {
    if (this.#over !== null) throw this.#over;
    if (!this.#streams.has(id)) folderNameOf(id);
  }
}
