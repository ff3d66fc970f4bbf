/** Messages nobody could take: the newest are kept, all are counted, each has a reason and may be sent again. */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Address } from './address.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetterReason } from './dead-letter.ts';
import { asError } from './errors.ts';
import { type Item, Letter, messageOf } from './letter.ts';
import { type Replay, type ReplayOptions, type ReplayReport, replay } from './replay.ts';
import { Ring } from './ring.ts';

/** What operators may do with dead letters. */
export interface DeadLetterOffice {
  /** The newest, oldest first. */
  recent(filter?: DeadLetterFilter): readonly DeadLetter[];
  /** How many ever, of one reason or in all. */
  count(reason?: DeadLetterReason): number;
  /** How many ever, for every reason there was. */
  counts(): Readonly<Partial<Record<DeadLetterReason, number>>>;
  /** Called for every dead letter from now on; one that throws hears no more. The answer ends it. */
  subscribe(hear: (letter: DeadLetter) => void): () => void;
  /**
   * Sends kept letters again, oldest first, to whoever lives at their address now; nobody waits for an answer. Late replies
   * were handled, and go again only when the filter names their reason or ids. A letter that comes back waits for another call.
   */
  replay(filter: DeadLetterFilter, options: ReplayOptions): Promise<ReplayReport>;
  /** Forgets what the filter takes, and says how many. Counts stay. */
  purge(filter?: DeadLetterFilter): number;
}

export interface DeadLetterWorld {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly registry: { find(path: string): Address | undefined };
}

export class DeadLetters implements DeadLetterOffice {
  readonly #world: DeadLetterWorld;
  readonly #capacity: number;
  #ring = new Ring<DeadLetter>();
  readonly #counts = new Map<DeadLetterReason, number>();
  readonly #hearers = new Set<(letter: DeadLetter) => void>();
  readonly #replays = new Set<Replay>();
  #last = 0;

  /** @param capacity letters kept, default 1,000 */
  constructor(world: DeadLetterWorld, capacity = 1_000) {
    this.#world = world;
    this.#capacity = capacity;
  }

  add(to: string, reason: DeadLetterReason, item: Item): void {
    this.#counts.set(reason, this.count(reason) + 1);
    this.#world.metrics.count('esper_dead_letters_total', 1, { reason });
    const { trace, from } = item instanceof Letter ? item : BARE;
    const atMs = this.#world.clock.nowMs();
    const letter = { id: ++this.#last, to, reason, message: messageOf(item), atMs, trace, from };
    if (this.#ring.size >= this.#capacity) this.#ring.shift();
    this.#ring.push(letter);
    for (const run of this.#replays) run.cameBack(letter);
    for (const hear of this.#hearers) this.#tell(hear, letter);
  }

  recent(filter: DeadLetterFilter = {}): readonly DeadLetter[] {
    return this.#ring.toArray().filter((letter) => matches(letter, filter));
  }

  count(reason?: DeadLetterReason): number {
    if (reason !== undefined) return this.#counts.get(reason) ?? 0;
    let all = 0;
    for (const count of this.#counts.values()) all += count;
    return all;
  }

  counts(): Readonly<Partial<Record<DeadLetterReason, number>>> {
    return Object.fromEntries(this.#counts);
  }

  subscribe(hear: (letter: DeadLetter) => void): () => void {
    this.#hearers.add(hear);
    return () => void this.#hearers.delete(hear);
  }

  async replay(filter: DeadLetterFilter, options: ReplayOptions): Promise<ReplayReport> {
    const handled = filter.reason === 'late_reply' || filter.ids !== undefined;
    const letters = this.recent(filter).filter(({ reason }) => handled || reason !== 'late_reply');
    const chosen = letters.slice(0, options.limit);
    const ids = new Set(chosen.map(({ id }) => id));
    this.#keep(({ id }) => !ids.has(id));
    const { clock, registry } = this.#world;
    const send = (letter: DeadLetter): void => {
      const { to, message } = letter;
      const item = letter.trace === null && letter.from === null ? message : new Letter(message, letter);
      const address = registry.find(to);
      if (address === undefined) this.add(to, 'gone', item);
      else address.deliver(item, false);
    };
    return replay(chosen, options, { clock, send, under: this.#replays });
  }

  purge(filter: DeadLetterFilter = {}): number {
    const before = this.#ring.size;
    this.#keep((letter) => !matches(letter, filter));
    return before - this.#ring.size;
  }

  #keep(stays: (letter: DeadLetter) => boolean): void {
    const kept = this.#ring.toArray().filter(stays);
    this.#ring = new Ring();
    for (const letter of kept) this.#ring.push(letter);
  }

  /** Whoever listens must not be able to fail a send. */
  #tell(hear: (letter: DeadLetter) => void, letter: DeadLetter): void {
    try {
      hear(letter);
    } catch (thrown) {
      this.#hearers.delete(hear);
      const error = asError(thrown).message;
      this.#world.log.write('error', 'a listener to dead letters failed and hears no more', { error });
    }
  }
}

const BARE = { trace: null, from: null } as const;

function matches(letter: DeadLetter, { ids, to, reason, type }: DeadLetterFilter): boolean {
  return (
    (ids === undefined || ids.includes(letter.id)) &&
    (to === undefined || to === letter.to) &&
    (reason === undefined || reason === letter.reason) &&
    (type === undefined || type === letter.message.type)
  );
}
