/** States without a history, in a journal: the newest of each is held in memory, changes are fenced by revision. */
import type { Refusal } from '../../contracts/failure.ts';
import type { StateStore, StoredState } from '../ports/event-store.ts';
import type { Journal } from '../ports/journal.ts';
import { eventsTooLarge, stale } from './errors.ts';
import { encodeStreamRecord, KIND, RECORD_BYTES_MAX } from './event-records.ts';

/** One state, as the store has it in memory. */
export interface HeldState {
  /** On the device. */
  revision: number;
  assigned: number;
  /** Null once deleted. */
  bytes: Uint8Array | null;
  /** Journal record that says so. */
  toldAt: number;
  pending: Promise<unknown> | null;
}

export function heldIn(states: Map<string, HeldState>, id: string): HeldState {
  let held = states.get(id);
  if (held === undefined) {
    held = { revision: 0, assigned: 0, bytes: null, toldAt: 0, pending: null };
    states.set(id, held);
  }
  return held;
}

/** What the states need of the store they are a part of. */
export interface StateKeeper {
  /** Throws when it is no id, or the journal has failed. */
  check(id: string): void;
  /** A write failed: whether it is on the device, nobody knows. */
  failed(error: unknown): void;
}

export class JournalStates implements StateStore {
  readonly #journal: Journal;
  readonly #held: Map<string, HeldState>;
  readonly #store: StateKeeper;

  /** @param held what the journal says so far */
  constructor(journal: Journal, held: Map<string, HeldState>, store: StateKeeper) {
    this.#journal = journal;
    this.#held = held;
    this.#store = store;
  }

  async get(id: string): Promise<StoredState | undefined> {
    this.#store.check(id);
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
    this.#store.check(id);
    const held = heldIn(this.#held, id);
    if (expected !== held.assigned) return stale(id, expected, held.assigned);
    if (bytes !== null && bytes.length > RECORD_BYTES_MAX)
      throw eventsTooLarge(id, bytes.length, RECORD_BYTES_MAX);
    held.assigned++;
    return this.#write(id, held, held.assigned, bytes);
  }

  #write(id: string, held: HeldState, revision: number, bytes: Uint8Array | null): Promise<number> {
    const kind = bytes === null ? KIND.stateDeleted : KIND.state;
    const record = encodeStreamRecord(id, revision, bytes ?? undefined);
    const written = this.#journal.append(kind, record).then((sequence) => {
      held.revision = revision;
      held.bytes = bytes;
      held.toldAt = sequence;
      if (held.pending === settled) held.pending = null;
      return revision;
    });
    const settled = written.catch((error: unknown) => this.#store.failed(error));
    held.pending = settled;
    return written;
  }
}
