/** What must be stored and is not yet: in order, bounded, sent again under the same id until the broker has it. */
import { toFailure } from '../../contracts/index.ts';
import { Ring } from '../../runtime/actor/ring.ts';
import type { Clock, Log, Metrics, Streams } from '../../runtime/index.ts';

export interface Parting {
  readonly subject: string;
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Once, when the broker has it. */
  stored(): void;
}

interface Entry extends Parting {
  isStored: boolean;
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
  #bytes = 0;
  #size = 0;
  #stored = 0;
  #refused = 0;
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
  /** Messages the broker has stored, and those that found the outbox full. */
  get counts(): { readonly stored: number; readonly refused: number } {
    return { stored: this.#stored, refused: this.#refused };
  }

  /** False when it is full or closed: certainly not sent. */
  add(parting: Parting): boolean {
    const bytes = this.#bytes + parting.bytes.length;
    if (this.#closed || this.#size >= this.#options.messages || bytes > this.#options.bytes) {
      this.#refused++;
      this.#world.metrics.count('esper_bus_refused_total', 1, { why: 'outbox_full' });
      return false;
    }
    this.#bytes = bytes;
    this.#size++;
    this.#waiting.push({ ...parting, isStored: false });
    this.#send();
    return true;
  }

  /** The broker is back: all that was under way is sent again at once; what it has already, it knows by its id. */
  resume(): void {
    this.#failures = 0;
    this.#again();
  }

  /** Nothing is sent any more. @returns how many were not stored */
  close(): number {
    this.#closed = true;
    this.#cancelRetry?.();
    return this.#size;
  }

  #send(): void {
    if (this.#closed || this.#cancelRetry !== null || !this.#world.connected()) return;
    while (this.#flying.size < this.#options.atOnce) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      if (entry.isStored) continue;
      this.#flying.add(entry);
      const round = this.#round;
      const { subject, bytes, id } = entry;
      this.#world.streams.publish(subject, bytes, { id }).then(
        () => this.#isStored(entry),
        (error: unknown) => this.#failed(round, error),
      );
    }
  }

  #isStored(entry: Entry): void {
    if (entry.isStored) return;
    entry.isStored = true;
    this.#flying.delete(entry);
    this.#bytes -= entry.bytes.length;
    this.#size--;
    this.#stored++;
    this.#failures = 0;
    entry.stored();
    this.#send();
  }

  /** Nothing overtakes what failed: the others under way are sent again behind it. */
  #failed(round: number, error: unknown): void {
    if (this.#closed || round !== this.#round || this.#cancelRetry !== null) return;
    const { code, message } = toFailure(error);
    const { clock, log, metrics } = this.#world;
    metrics.count('esper_bus_store_failed_total', 1, { code });
    if (this.#failures === 0) log.write('warn', 'critical messages wait for the broker', { code, message });
    const delayMs = Math.min(this.#options.retryMs * 2 ** Math.min(this.#failures++, 10), SLOWEST);
    this.#cancelRetry = clock.after(delayMs, () => {
      if (code !== 'STREAM_NONE') return this.#again();
      this.#world.ensure().then(
        () => this.#again(),
        () => this.#again(),
      );
    });
  }

  #again(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#round++;
    for (const entry of [...this.#flying].reverse()) this.#waiting.unshift(entry);
    this.#flying.clear();
    this.#send();
  }
}
