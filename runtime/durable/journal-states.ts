/** States without a history, in a journal: the newest of each is held in memory, changes are fenced by revision. */
import type { Refusal } from '../../contracts/failure.ts';
import type { StateStore, StoredState } from '../ports/event-store.ts';
import type { Journal } from '../ports/journal.ts';
import { stale } from './errors.ts';
import { encodeStreamRecord, KIND } from './event-records.ts';

interface Held {
  /** On the device. */
  revision: number;
  assigned: number;
  /** Null once deleted. */
  bytes: Uint8Array | null;
  /** Journal record that says so. */
  toldAt: number;
  pending: Promise<unknown> | null;
}

export class JournalStates implements StateStore {
  readonly #journal: Journal;
  readonly #check: (id: string) => void;
  readonly #held = new Map<string, Held>();

  /** @param check throws when it is no id, or the journal has failed */
  constructor(journal: Journal, check: (id: string) => void) {
    this.#journal = journal;
    this.#check = check;
  }

  async get(id: string): Promise<StoredState | undefined> {
    this.#check(id);
    const held = this.#held.get(id);
    await held?.pending;
    return held?.bytes ? { revision: held.revision, bytes: held.bytes } : undefined;
  }

  upsert(id: string, bytes: Uint8Array, { expected }: { readonly expected: number }) {
    return this.#change(id, expected, bytes.slice());
  }

  delete(id: string, { expected }: { readonly expected: number }) {
    return this.#change(id, expected, null);
  }

  /** Takes in a record read at the start. */
  replay(sequence: number, id: string, revision: number, bytes: Uint8Array | null): void {
    const held = this.#of(id);
    held.revision = revision;
    held.assigned = revision;
    held.bytes = bytes;
    held.toldAt = sequence;
  }

  /** Says again whatever only records before `floor` say. */
  async carry(floor: number): Promise<void> {
    const told: Promise<unknown>[] = [];
    for (const [id, held] of this.#held) {
      if (held.pending !== null) told.push(held.pending);
      if (held.toldAt < floor && held.assigned === held.revision)
        told.push(this.#write(id, held, held.revision, held.bytes));
    }
    await Promise.all(told);
  }

  async #change(id: string, expected: number, bytes: Uint8Array | null): Promise<number | Refusal> {
    this.#check(id);
    const held = this.#of(id);
    if (expected !== held.assigned) return stale(id, expected, held.assigned);
    held.assigned++;
    return this.#write(id, held, held.assigned, bytes);
  }

  #write(id: string, held: Held, revision: number, bytes: Uint8Array | null): Promise<number> {
    const kind = bytes === null ? KIND.stateDeleted : KIND.state;
    const record = encodeStreamRecord(id, revision, bytes ?? undefined);
    const written = this.#journal.append(kind, record).then((sequence) => {
      held.revision = revision;
      held.bytes = bytes;
      held.toldAt = sequence;
      if (held.pending === settled) held.pending = null;
      return revision;
    });
    const settled = written.catch(() => {});
    held.pending = settled;
    return written;
  }

  #of(id: string): Held {
    let held = this.#held.get(id);
    if (held === undefined) {
      held = { revision: 0, assigned: 0, bytes: null, toldAt: 0, pending: null };
      this.#held.set(id, held);
    }
    return held;
  }
}
