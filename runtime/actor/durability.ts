/** What a durable actor promises about its events, and what it needs from whoever keeps them. */

/** Turns values into bytes and back. `decode` gets what `encode` made, perhaps years ago: let it check. */
export interface DurableCodec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** How many snapshots stay, and whether the events before them do. */
export interface KeepOptions {
  /** At least 2, since the newest may turn out damaged; default 2. */
  readonly snapshots?: number;
  /** `all` for ever (default), or only those `since_snapshot`, counted from the oldest snapshot kept. */
  readonly events?: 'all' | 'since_snapshot';
}

/**
 * A definition with this keeps its events: they are on the device before they are applied and before the reply.
 * What a handler sends to others leaves before that. Let it tell itself, and send from there: an actor hears its next
 * message only when the events of the last one are safe, and `recovered` can tell it again after a crash.
 */
export interface Durable<S, E> {
  /** Of the events and snapshots written today, 1-based. */
  readonly version: number;
  /** Name of the event stream; the actor's path unless said. Two actors of one name fence each other. */
  readonly id?: string;
  /** JSON unless said. Old events go through `upcasts` after it, so `decode` must take what old versions wrote. */
  readonly events?: DurableCodec<E>;
  readonly state?: DurableCodec<S>;
  /** `upcasts[n]` makes an event of version n + 1 of one of version n. @throws DURABLE_NO_UPCAST when one lacks */
  readonly upcasts?: Readonly<Record<number, (event: never) => unknown>>;
  /** The same for snapshots. One that cannot be brought forward is passed over: events tell it again. */
  readonly stateUpcasts?: Readonly<Record<number, (state: never) => unknown>>;
  /** Events from one snapshot to the next; none without it. */
  readonly snapshotEvery?: number;
  readonly keep?: KeepOptions;
}

/** What a start found. */
export interface Recovery {
  /** Events applied. */
  readonly events: number;
  /** Revision of the snapshot it began with, 0 without one. */
  readonly snapshot: number;
  /** Milliseconds from asking the store to having the state. */
  readonly ms: number;
  /** Events and snapshots that an older version had written. */
  readonly migrated: number;
  /** Newer snapshots passed over because they were damaged. */
  readonly damaged: number;
}
