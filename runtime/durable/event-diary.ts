/** One life's hand on its event stream: writes what was decided, and a snapshot now and then. */
import { type Refusal, toFailure } from '../../contracts/failure.ts';
import { isRefusal } from '../actor/decision.ts';
import type { Diary } from '../actor/diary.ts';
import type { Durable, DurableCodec } from '../actor/durability.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { jsonCodec } from './json-codec.ts';
import { withVersion } from './versioned.ts';

export interface DiaryWorld {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly failPoints: FailPoints | null;
}

/** Where its stream stands. */
export interface DiaryPlace {
  readonly id: string;
  readonly durable: Durable<unknown, unknown>;
  /** Of the newest event applied. */
  readonly revision: number;
  /** Of the newest sound snapshot; 0 without one. */
  readonly snapshot: number;
}

export class EventDiary implements Diary {
  readonly #world: DiaryWorld;
  readonly #id: string;
  readonly #durable: Durable<unknown, unknown>;
  readonly #events: DurableCodec<unknown>;
  readonly #every: number;
  #revision: number;
  #snapshot: number;
  #saving = false;

  constructor(world: DiaryWorld, { id, durable, revision, snapshot }: DiaryPlace) {
    this.#world = world;
    this.#id = id;
    this.#durable = durable;
    this.#events = durable.events ?? jsonCodec();
    this.#every = durable.snapshotEvery ?? Number.POSITIVE_INFINITY;
    this.#revision = revision;
    this.#snapshot = snapshot;
  }

  async write(events: readonly unknown[]): Promise<Refusal | undefined> {
    const { store, failPoints } = this.#world;
    const { version } = this.#durable;
    const bytes = events.map((event) => withVersion(version, this.#events.encode(event)));
    failPoints?.hit('eventsBeforeAppend');
    const revision = await store.append(this.#id, bytes, { expected: this.#revision });
    if (isRefusal(revision)) return revision;
    failPoints?.hit('eventsAfterAppendBeforeEvolve');
    this.#revision = revision;
    return undefined;
  }

  applied(state: unknown): void {
    if (this.#revision - this.#snapshot < this.#every || this.#saving) return;
    this.#saving = true;
    // The state may be a live object: it becomes bytes now, and goes to the disk in its own time.
    const bytes = withVersion(this.#durable.version, (this.#durable.state ?? jsonCodec()).encode(state));
    void this.#save(bytes, this.#revision);
  }

  /** Events are the truth, snapshots a convenience: one that fails is told of, and the next one tried in its turn. */
  async #save(bytes: Uint8Array, revision: number): Promise<void> {
    const { store, clock, metrics, log } = this.#world;
    try {
      await store.snapshots.save(this.#id, { revision, atMs: clock.wallMs(), bytes });
      await this.#release();
    } catch (thrown) {
      metrics.count('esper_snapshot_failures_total', 1);
      const { code, message } = toFailure(thrown);
      log.write('warn', 'no snapshot this time', { id: this.#id, revision, code, error: message });
    }
    this.#snapshot = revision;
    this.#saving = false;
  }

  async #release(): Promise<void> {
    const { snapshots } = this.#world.store;
    const { snapshots: count = 2, events = 'all' } = this.#durable.keep ?? {};
    const revisions = await snapshots.list(this.#id);
    const keep = revisions.slice(-Math.max(2, count));
    const [oldest] = keep;
    if (oldest === undefined) return;
    await snapshots.deleteMatching(this.#id, { maxRevision: oldest - 1 });
    if (events === 'since_snapshot' && keep.length >= 2) await this.#world.store.deleteTo(this.#id, oldest);
  }
}
