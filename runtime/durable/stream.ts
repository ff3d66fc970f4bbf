/** What an event store remembers of one stream: where its events stand, and how far it has come. */
import type { RecentEvents, StoredBatch } from './recent-events.ts';

export class Stream {
  /** Newest revision on the device. */
  highest = 0;
  /** Newest revision given to anybody, on its way to the device perhaps. */
  assigned = 0;
  /** Events up to here are let go. */
  deletedTo = 0;
  /** Events up to here stood in segments that are gone: a deletion further on must say that they were let go. */
  missingTo = 0;
  /** Journal record that said the newest of the above. */
  toldAt = 0;
  /** Oldest first. */
  batches: StoredBatch[] = [];
  /** The newest append under way, or what became of it. Never rejects. */
  pending: Promise<unknown> | null = null;

  /** Oldest journal record with an event that is still wanted. */
  get oldest(): number | undefined {
    return this.batches[0]?.sequence;
  }

  /** A batch is on the device. */
  keep(batch: StoredBatch, recent: RecentEvents): void {
    if (this.batches.length === 0 && this.highest === 0) this.deletedTo = batch.first - 1;
    this.batches.push(batch);
    recent.add(batch);
    this.highest = batch.first + batch.count - 1;
    this.assigned = Math.max(this.assigned, this.highest);
    this.toldAt = batch.sequence;
  }

  /** Events up to `revision` are let go. @returns how many batches nobody needs any more */
  release(revision: number, sequence: number, recent: RecentEvents): number {
    this.deletedTo = Math.max(this.deletedTo, revision);
    this.highest = Math.max(this.highest, this.deletedTo);
    this.assigned = Math.max(this.assigned, this.highest);
    this.toldAt = Math.max(this.toldAt, sequence);
    const wanted = this.batches.findIndex(({ first, count }) => first + count - 1 > this.deletedTo);
    const gone = this.batches.splice(0, wanted === -1 ? this.batches.length : wanted);
    for (const batch of gone) recent.drop(batch);
    return gone.length;
  }
}
