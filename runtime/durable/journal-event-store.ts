/** Many event streams in one journal: what they append at the same time shares one write and one sync. */
import { EsperError } from '../../contracts/failure.ts';
import type { SegmentedJournal } from '../journal/segmented-journal.ts';
import type { EventRange, EventStore, SnapshotStore, StateStore, StoredEvent } from '../ports/event-store.ts';
import { eventsTooLarge, stale } from './errors.ts';
import {
  decodeStreamRecord,
  encodeStreamRecord,
  KIND,
  packEvents,
  RECORD_BYTES_MAX,
  unpackEvents,
} from './event-records.ts';
import { JournalStates } from './journal-states.ts';
import type { RecentEvents, StoredBatch } from './recent-events.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';
import type { StoreContents } from './store-contents.ts';
import type { Stream } from './stream.ts';
import { folderNameOf } from './stream-id.ts';

export interface JournalStoreOptions {
  readonly journal: SegmentedJournal;
  readonly snapshots: SnapshotFolder;
  /** What the journal says so far. */
  readonly contents: StoreContents;
  /** Batches let go until the journal's old segments are looked at. */
  readonly compactAfter: number;
}

export class JournalEventStore implements EventStore {
  readonly snapshots: SnapshotStore;
  readonly states: StateStore;
  readonly #journal: SegmentedJournal;
  readonly #states: JournalStates;
  readonly #folder: SnapshotFolder;
  readonly #contents: StoreContents;
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #recent: RecentEvents;
  readonly #compactAfter: number;
  #released = 0;
  #compacting: Promise<void> | null = null;
  /** The journal has failed or is closed: nobody is told anything but this. */
  #over: EsperError | null = null;

  constructor({ journal, snapshots, contents, compactAfter }: JournalStoreOptions) {
    this.#journal = journal;
    this.#folder = snapshots;
    this.snapshots = snapshots;
    this.#states = new JournalStates(journal, contents.states, {
      check: (id) => this.#check(id),
      failed: (error) => this.#failed(error),
    });
    this.states = this.#states;
    this.#contents = contents;
    this.#streams = contents.streams;
    this.#recent = contents.recent;
    this.#compactAfter = compactAfter;
  }

  async append(id: string, events: readonly Uint8Array[], { expected }: { readonly expected: number }) {
    this.#check(id);
    const stream = this.#contents.stream(id);
    if (expected !== stream.assigned) return stale(id, expected, stream.assigned);
    if (events.length === 0) return expected;
    const packed = packEvents(events);
    if (packed.length > RECORD_BYTES_MAX) throw eventsTooLarge(id, packed.length, RECORD_BYTES_MAX);
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
    yield* this.#fromJournal(older);
    for (const batch of batches.slice(older.length)) {
      const { packed } = batch;
      if (packed === null) yield* this.#fromJournal([batch]);
      else yield { ...batch, packed };
    }
  }

  /** What was deleted meanwhile, and let go before it was read, is passed over. */
  async *#fromJournal(batches: readonly StoredBatch[]): AsyncGenerator<StoredBatch & { packed: Uint8Array }> {
    for (let at = 0; at < batches.length; ) {
      const { first } = this.#journal;
      for (let next = batches[at]; next && next.sequence < first; next = batches[at]) at++;
      const from = batches[at]?.sequence;
      if (from === undefined) return;
      try {
        for await (const { sequence, body } of this.#journal.read(from)) {
          const next = batches[at];
          if (next?.sequence !== sequence) continue;
          yield { ...next, packed: decodeStreamRecord(sequence, body).rest };
          if (++at === batches.length) return;
        }
        return;
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'JOURNAL_LET_GO') throw thrown;
      }
    }
  }

  async #write<T>(
    stream: Stream,
    kind: number,
    record: Uint8Array,
    done: (sequence: number) => T,
  ): Promise<T> {
    const written = this.#journal.append(kind, record).then(done);
    const settled = written.catch((error: unknown) => this.#failed(error));
    stream.pending = settled;
    try {
      return await written;
    } finally {
      if (stream.pending === settled) stream.pending = null;
    }
  }

  #failed(error: unknown): void {
    this.#over ??= error instanceof EsperError ? error : null;
  }

  /** Without this, the streams that lost an append would be taken for somebody else's. */
  #check(id: string): void {
    if (this.#over !== null) throw this.#over;
    if (!this.#streams.has(id)) folderNameOf(id);
  }
}
