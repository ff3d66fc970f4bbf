/** Brings durable actors back: the newest sound snapshot, then every event since, through today's `evolve`. */
import assert from 'node:assert/strict';
import { EsperError } from '../../contracts/failure.ts';
import type { AnyDefinition, Cx } from '../actor/behaviour.ts';
import { ignore, Started } from '../actor/birth.ts';
import type { Durability, Recovered } from '../actor/diary.ts';
import type { Durable } from '../actor/durability.ts';
import type { Message } from '../actor/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Snapshot, StoredEvent } from '../ports/event-store.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Metrics } from '../ports/metrics.ts';
import { gap, noStore, rollsBackToo, unreadable } from './errors.ts';
import { EventDiary } from './event-diary.ts';
import { jsonCodec } from './json-codec.ts';
import { splitVersion, upcast } from './versioned.ts';

const plain = jsonCodec();

/** A state and the newest event it contains. */
interface Base {
  readonly state: unknown;
  readonly revision: number;
  readonly migrated: number;
  readonly damaged: number;
}

export class Persistence implements Durability {
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #store: EventStore | null;
  readonly #failPoints: FailPoints | null;

  constructor(clock: Clock, metrics: Metrics, store: EventStore | null, failPoints: FailPoints | null) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#store = store;
    this.#failPoints = failPoints;
  }

  async recover(definition: AnyDefinition, cx: Cx<Message>, args: unknown): Promise<Recovered> {
    const { durable } = definition;
    assert(durable && definition.evolve, `${definition.name} must have durable and evolve to be recovered`);
    const store = this.#store;
    if (store === null) throw noStore(cx.path);
    if (definition.rollback !== undefined) throw rollsBackToo(cx.path);
    const startedMs = this.#clock.nowMs();
    const id = durable.id ?? cx.path;
    // Also waits for what an earlier life still has under way.
    const highest = await store.highest(id);
    const base = await this.#base(store, id, durable, () => definition.fresh(cx, args), highest);
    let { state, revision, migrated } = base;
    for await (const event of store.read(id, { from: revision + 1 })) {
      revision = follows(id, revision, event.revision);
      const { version, value } = eventOf(id, durable, event);
      if (version < durable.version) migrated++;
      state = definition.evolve(state, value);
    }
    if (revision < highest) throw gap(id, { wanted: revision + 1, found: highest });
    const ms = this.#clock.nowMs() - startedMs;
    const events = revision - base.revision;
    this.#metrics.observe('esper_recovery_seconds', ms / 1_000, { actor: definition.name });
    const world = { store, clock: this.#clock, metrics: this.#metrics, log: cx.log };
    const diary = new EventDiary(
      { ...world, failPoints: this.#failPoints },
      { id, durable, revision, snapshot: base.revision },
    );
    const { damaged } = base;
    return { state, diary, recovery: { events, snapshot: base.revision, ms, migrated, damaged } };
  }

  /** Passes over snapshots that cannot be used for as long as events tell the same again. */
  async #base(
    store: EventStore,
    id: string,
    durable: Durable<unknown, unknown>,
    fresh: () => unknown,
    highest: number,
  ): Promise<Base> {
    let damaged = 0;
    for (let maxRevision = Number.POSITIVE_INFINITY; ; ) {
      const found = await store.snapshots.newest(id, { maxRevision });
      damaged += found.damaged;
      const { snapshot } = found;
      if (snapshot === undefined) return { state: stateIn(await fresh()), revision: 0, migrated: 0, damaged };
      if (snapshot.revision > highest) throw gap(id, { wanted: snapshot.revision + 1, found: highest });
      const read = stateOf(durable, snapshot);
      if (read !== undefined) return { ...read, revision: snapshot.revision, damaged };
      maxRevision = snapshot.revision - 1;
    }
  }
}

/** What `fresh` made, out of whatever it came in. */
function stateIn(made: unknown): unknown {
  assert(made !== ignore, 'a durable actor remembers: it cannot ignore its start');
  return made instanceof Started ? made.state : made;
}

function follows(id: string, before: number, revision: number): number {
  if (revision !== before + 1) throw gap(id, { wanted: before + 1, found: revision });
  return revision;
}

/** The event in today's form, and the version that wrote it. */
function eventOf(id: string, durable: Durable<unknown, unknown>, { revision, bytes: all }: StoredEvent) {
  const codec = durable.events ?? plain;
  try {
    const { version, bytes } = splitVersion(all);
    return { version, value: upcast(codec.decode(bytes), version, durable.version, durable.upcasts) };
  } catch (cause) {
    if (cause instanceof EsperError && cause.code === 'DURABLE_NO_UPCAST') throw cause;
    throw unreadable(id, revision, cause);
  }
}

/** Nothing when today's program cannot read it. */
function stateOf(
  durable: Durable<unknown, unknown>,
  { bytes }: Snapshot,
): { readonly state: unknown; readonly migrated: number } | undefined {
  const { version, bytes: rest } = splitVersion(bytes);
  for (let from = version; from !== durable.version; from++) {
    if (from > durable.version || durable.stateUpcasts?.[from] === undefined) return undefined;
  }
  const codec = durable.state ?? plain;
  const state = upcast(codec.decode(rest), version, durable.version, durable.stateUpcasts, 'a snapshot');
  return { state, migrated: version === durable.version ? 0 : 1 };
}
