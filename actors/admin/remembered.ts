/** A bounded memory all nodes share of what was said once: a second time is noticed on any node, and after any restart. */
import { type Static, Type } from '@sinclair/typebox';
import { decode, EsperError, encode } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Clock } from '../../runtime/ports/clock.ts';
import type { Hasher } from '../../runtime/ports/hasher.ts';
import type { Leases } from '../../runtime/ports/leases.ts';
import { tooBusy } from './errors.ts';

const Entry = Type.Object(
  {
    id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    /** UTC milliseconds after which it may be forgotten. */
    untilMs: Type.Number(),
    /** What was said, as a hash; the same id with another one is a conflict. */
    fact: Type.String({ maxLength: 64 }),
    /** What came of it; null while that is open. */
    answer: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
type Entry = Static<typeof Entry>;
const Bucket = checkerOf(
  Type.Object({ v: Type.Literal(1), entries: Type.Array(Entry) }, { additionalProperties: false }),
);

/** Writers of one bucket that get in each other's way this often in a row are too many. */
const TRIES = 16;

export interface RememberedOptions {
  readonly leases: Leases;
  readonly hasher: Hasher;
  readonly clock: Clock;
  /** What its keys begin with. */
  readonly key: string;
  /** Keys it is spread over: a value is read and written whole. */
  readonly buckets: number;
  /** Entries of one bucket; a full one takes no more until some have expired, so that nothing is forgotten early. */
  readonly most: number;
}

export type Claimed =
  | { readonly first: true }
  | { readonly first: false; readonly fact: string; readonly answer: string | null };

/** Compare-and-set in a store that deletes nothing: expired entries leave when their bucket is written. */
export class Remembered {
  readonly #options: RememberedOptions;

  constructor(options: RememberedOptions) {
    this.#options = options;
  }

  /**
   * Only one of all that claim a name is the first, wherever they are.
   * @param untilMs UTC milliseconds
   * @throws LEASES_UNREACHABLE, ADMIN_BUSY
   */
  claim(name: string, untilMs: number, fact: string): Promise<Claimed> {
    return this.#change<Claimed>(name, (id, entries) => {
      const known = entries.find((entry) => entry.id === id);
      if (known) return { answer: { first: false, fact: known.fact, answer: known.answer }, entries: null };
      if (entries.length >= this.#options.most) throw tooBusy('more than can be remembered');
      return { answer: { first: true }, entries: [...entries, { id, untilMs, fact, answer: null }] };
    });
  }

  /** Keeps what came of a claimed name. @throws LEASES_UNREACHABLE, ADMIN_BUSY */
  settle(name: string, answer: string): Promise<void> {
    return this.#change<void>(name, (id, entries) => ({
      answer: undefined,
      entries: entries.map((entry) => (entry.id === id ? { ...entry, answer } : entry)),
    }));
  }

  /** Gives a name back: what was claimed did not happen. @throws LEASES_UNREACHABLE, ADMIN_BUSY */
  release(name: string): Promise<void> {
    return this.#change<void>(name, (id, entries) => ({
      answer: undefined,
      entries: entries.filter((entry) => entry.id !== id),
    }));
  }

  async #change<T>(
    name: string,
    decide: (id: string, entries: readonly Entry[]) => { answer: T; entries: readonly Entry[] | null },
  ): Promise<T> {
    const { leases, clock, hasher, key, buckets } = this.#options;
    const hash = hasher.sha256([new TextEncoder().encode(name)]);
    const at = `${key}.${Number.parseInt(hash.slice(0, 8), 16) % buckets}`;
    const id = hash.slice(32);
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await leases.get(at);
      const kept = found === undefined ? [] : entriesIn(at, found.value);
      const nowMs = clock.wallMs();
      const { answer, entries } = decide(
        id,
        kept.filter(({ untilMs }) => untilMs > nowMs),
      );
      if (entries === null) return answer;
      const bytes = encode({ v: 1, entries: [...entries] });
      if ((await leases.put(at, bytes, found?.revision ?? 0)) !== undefined) return answer;
    }
    throw tooBusy('others were faster every time');
  }
}

/** What cannot be read must not be taken for empty: everything would be new again. */
function entriesIn(key: string, bytes: Uint8Array): readonly Entry[] {
  const bucket: unknown = decode(bytes);
  if (Bucket.check(bucket)) return bucket.entries;
  throw new EsperError(
    'ADMIN_MEMORY_CORRUPT',
    `what is written under ${key} is not what commands are remembered by`,
    { key },
    { hint: 'look who else writes to this key' },
  );
}
