/** What must be stored and is not yet: in order, bounded, sent again under the same id until the broker has it. */
import { toFailure } from '../../contracts/index.ts';
import { Ring } from '../../runtime/actor/ring.ts';
import type { Clock, Log, Metrics, Streams } from '../../runtime/index.ts';
import type { Bulk } from './freight.ts';
import { JustStored } from './just-stored.ts';

export interface Parting {
  readonly subject: string;
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Stored before it. */
  readonly bulk?: Bulk;
  /** Once, when the broker has it. */
  stored(): void;
  /** Once, when the broker will never take it. */
  lost(): void;
}

interface Entry extends Parting {
  /** Bytes, bulk included. */
  readonly size: number;
  /** Stored, or given up: nothing is left to do. */
  isDone: boolean;
  /** When it was stored first, monotonic milliseconds; it is said again after an outage. */
  readonly storedMs: number | null;
}

export interface OutboxOptions {
  readonly messages: number;
  readonly bytes: number;
  /** Under way at a time. */
  readonly atOnce: number;
  /** Milliseconds until the next try; doubled up to `SLOWEST` while in vain. */
  readonly retryMs: number;
}

export interface OutboxWorld {
  readonly streams: Streams;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  connected(): boolean;
  /** Makes the streams again, for a broker that came back without them. */
  ensure(): Promise<void>;
}

const SLOWEST = 2_000;

export class Outbox {
  readonly #world: OutboxWorld;
  readonly #options: OutboxOptions;
  readonly #waiting = new Ring<Entry>();
  /** Under way, in order. */
  readonly #flying = new Set<Entry>();
  readonly #justStored = new JustStored<Entry & { readonly storedMs: number }>();
  readonly #whenEmpty = new Set<() => void>();
  #bytes = 0;
  #size = 0;
  #stored = 0;
  #refused = 0;
  #lost = 0;
  /** Its bulk is being stored. */
  #loading: Entry | null = null;
  /** Rises with every new beginning: what failed before it says nothing any more. */
  #round = 0;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;
  #closed = false;

  constructor(world: OutboxWorld, options: OutboxOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Messages not stored yet. */
  get size(): number {
    return this.#size;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** Messages the broker has stored, those that found the outbox full, and those that no broker takes. */
  get counts(): { readonly stored: number; readonly refused: number; readonly lost: number } {
    return { stored: this.#stored, refused: this.#refused, lost: this.#lost };
  }

  /** False when it is full or closed: certainly not sent. */
  add(parting: Parting): boolean {
    const size = parting.bytes.length + (parting.bulk?.size ?? 0);
    const bytes = this.#bytes + size;
    if (this.#closed || this.#size >= this.#options.messages || bytes > this.#options.bytes) {
      this.#refused++;
      this.#world.metrics.count('esper_bus_refused_total', 1, { why: 'outbox_full' });
      return false;
    }
    this.#bytes = bytes;
    this.#size++;
    this.#waiting.push({ ...parting, size, isDone: false, storedMs: null });
    this.#send();
    return true;
  }

  /**
   * The broker is back: all that was under way is sent again at once, and what it stored just before it went, which its
   * disk may not have had. What it has already, it knows by its id.
   */
  resume(): void {
    this.#failures = 0;
    this.#land();
    for (const entry of this.#justStored.take(this.#world.clock.nowMs()).toReversed()) {
      this.#waiting.unshift({ ...entry, isDone: false });
      this.#bytes += entry.size;
      this.#size++;
    }
    this.#again();
  }

  /** Resolves when nothing waits, or after `withinMs`. @returns how many still wait */
  empty(withinMs: number): Promise<number> {
    if (this.#size === 0) return Promise.resolve(0);
    return new Promise((resolve) => {
      const end = () => {
        late();
        this.#whenEmpty.delete(end);
        resolve(this.#size);
      };
      const late = this.#world.clock.after(withinMs, end);
      this.#whenEmpty.add(end);
    });
  }

  /** Nothing is sent any more. @returns how many were not stored */
  close(): number {
    this.#closed = true;
    for (const end of [...this.#whenEmpty]) end();
    this.#cancelRetry?.();
    return this.#size;
  }

  #send(): void {
    if (this.#closed || this.#cancelRetry !== null || !this.#world.connected()) return;
    while (this.#flying.size < this.#options.atOnce && this.#loading === null) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      if (entry.isDone) continue;
      this.#flying.add(entry);
      if (entry.bulk === undefined) this.#publish(entry);
      else this.#load(entry, entry.bulk);
    }
  }

  #publish(entry: Entry): void {
    const round = this.#round;
    const { subject, bytes, id } = entry;
    this.#world.streams.publish(subject, bytes, { id }).then(
      () => this.#isStored(entry),
      (error: unknown) => this.#failed(entry, round, error),
    );
  }

  /** The bulk first, then its message; what comes behind waits, so that it does not overtake. */
  #load(entry: Entry, bulk: Bulk): void {
    const round = this.#round;
    this.#loading = entry;
    bulk.put().then(
      () => {
        if (round !== this.#round || this.#closed) return;
        this.#loading = null;
        this.#publish(entry);
        this.#send();
      },
      (error: unknown) => this.#failed(entry, round, error),
    );
  }

  #isStored(entry: Entry): void {
    if (!this.#end(entry)) return;
    const { storedMs } = entry;
    this.#justStored.add({ ...entry, storedMs: storedMs ?? this.#world.clock.nowMs() });
    this.#failures = 0;
    if (storedMs === null) {
      this.#stored++;
      entry.stored();
    }
    this.#send();
  }

  /** No time and no other broker would change it: it must not hold up the others. */
  #isLost(entry: Entry, message: string): void {
    if (!this.#end(entry)) return;
    this.#lost++;
    const { subject, bytes, id } = entry;
    this.#world.metrics.count('esper_bus_refused_total', 1, { why: 'never_stored' });
    this.#world.log.write('error', 'the broker will never take a critical message', {
      code: 'OONA_NOT_STORED',
      subject,
      id,
      bytes: bytes.length,
      message,
    });
    entry.lost();
    this.#send();
  }

  #end(entry: Entry): boolean {
    if (entry.isDone) return false;
    entry.isDone = true;
    this.#flying.delete(entry);
    if (this.#loading === entry) this.#loading = null;
    this.#bytes -= entry.size;
    this.#size--;
    if (this.#size === 0) for (const end of [...this.#whenEmpty]) end();
    return true;
  }

  /** Nothing overtakes what failed: the others under way are sent again behind it. */
  #failed(entry: Entry, round: number, error: unknown): void {
    if (this.#closed) return;
    const { code, message } = toFailure(error);
    if (code === 'STREAM_TOO_LARGE') this.#isLost(entry, message);
    else if (round === this.#round && this.#cancelRetry === null) this.#retry(code, message);
  }

  #retry(code: string, message: string): void {
    const { clock, log, metrics } = this.#world;
    metrics.count('esper_bus_store_failed_total', 1, { code });
    if (this.#failures === 0) log.write('warn', 'critical messages wait for the broker', { code, message });
    const delayMs = Math.min(this.#options.retryMs * 2 ** Math.min(this.#failures++, 10), SLOWEST);
    this.#cancelRetry = clock.after(delayMs, () => {
      if (code !== 'STREAM_NONE') return this.#again();
      this.#world.ensure().then(
        () => this.#again(),
        (thrown: unknown) => {
          log.write('warn', 'the streams cannot be made', toFailure(thrown));
          this.#again();
        },
      );
    });
  }

  #again(): void {
    this.#land();
    this.#send();
  }

  /** What is under way counts as not sent. */
  #land(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#round++;
    this.#loading = null;
    for (const entry of [...this.#flying].reverse()) this.#waiting.unshift(entry);
    this.#flying.clear();
  }
}
