/** All that the records of a journal say about streams and states, gathered one by one while a store opens. */
import type { JournalRecord } from '../ports/journal.ts';
import { eventsCorrupt } from './errors.ts';
import { decodeStreamRecord, KIND, unpackEvents } from './event-records.ts';
import { type HeldState, heldIn } from './journal-states.ts';
import { RecentEvents } from './recent-events.ts';
import { Stream } from './stream.ts';

export class StoreContents {
  readonly recent: RecentEvents;
  readonly streams = new Map<string, Stream>();
  readonly states = new Map<string, HeldState>();

  /** @param recentBytes of events held in memory */
  constructor(recentBytes: number) {
    this.recent = new RecentEvents(recentBytes);
  }

  stream(id: string): Stream {
    let stream = this.streams.get(id);
    if (stream === undefined) {
      stream = new Stream();
      this.streams.set(id, stream);
    }
    return stream;
  }

  /** The next record, oldest first. @throws EVENTS_CORRUPT */
  take({ sequence, kind, body }: JournalRecord): void {
    const { id, revision, rest } = decodeStreamRecord(sequence, body);
    if (kind === KIND.events) this.#takeEvents(sequence, id, revision, rest.slice());
    else if (kind === KIND.deleted || kind === KIND.mark) {
      this.stream(id).release(revision, sequence, this.recent);
    } else if (kind === KIND.state) this.#takeState(sequence, id, revision, rest.slice());
    else if (kind === KIND.stateDeleted) this.#takeState(sequence, id, revision, null);
    else throw eventsCorrupt(sequence, `its kind is ${kind}`);
  }

  /** After the last record. @throws EVENTS_CORRUPT when events are missing that nobody let go */
  check(): void {
    for (const [id, { missingTo, deletedTo, toldAt }] of this.streams)
      if (missingTo > deletedTo) throw eventsCorrupt(toldAt, `event ${missingTo} of ${id} is missing`);
  }

  #takeEvents(sequence: number, id: string, first: number, packed: Uint8Array): void {
    const stream = this.stream(id);
    const { highest } = stream;
    if (highest > 0 && first <= highest)
      throw eventsCorrupt(sequence, `event ${first} of ${id} follows ${highest}`);
    if (highest > 0 && first > highest + 1) stream.missingTo = first - 1;
    const { length: count } = unpackEvents(sequence, packed);
    stream.keep({ sequence, first, count, packed }, this.recent);
  }

  #takeState(toldAt: number, id: string, revision: number, bytes: Uint8Array | null): void {
    Object.assign(heldIn(this.states, id), { revision, assigned: revision, bytes, toldAt });
  }
}
