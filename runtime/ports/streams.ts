/** Messages that a broker keeps until somebody has dealt with them: at least once, each id stored once for a while. */

export interface StreamSpec {
  /** 1 to 64 of A-Z, 0-9, - and _. */
  readonly name: string;
  /** Patterns of the subjects it keeps; no two streams share one. */
  readonly subjects: readonly string[];
  /** `work`: gone once one consumer has dealt with it. `log`: kept until a limit. */
  readonly keeps: 'work' | 'log';
  /** Bytes; the oldest go first in a `log`, a `work` stream refuses. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Messages; likewise. Default no limit. */
  readonly maxMessages?: number;
  /** Messages of one subject; the oldest go first. Default no limit. */
  readonly perSubject?: number;
  /** Milliseconds a message is kept at most; default 7 days. */
  readonly maxAgeMs?: number;
  /** Milliseconds in which a second message with the same id is not stored; default 120,000. */
  readonly sameIdMs?: number;
}

export interface Stored {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Place in the stream, 1-based, rising. */
  readonly sequence: number;
  /** UTC milliseconds, of the broker's clock. */
  readonly storedMs: number;
}

/** One message handed to one consumer. Exactly one of `done`, `again`, `never` settles it; later calls do nothing. */
export interface Delivery extends Stored {
  /** 1 for the first time. */
  readonly tries: number;
  /** It was dealt with. */
  done(): void;
  /** Hand it out again, after `delayMs` at the earliest. */
  again(delayMs: number): void;
  /** Nobody shall get it any more. */
  never(): void;
  /** Still at it: the time allowed begins anew. */
  working(): void;
}

export interface ConsumerSpec {
  /** Those with the same name share the work: each message goes to one of them. `[A-Za-z0-9_-]{1,64}`. */
  readonly durable: string;
  /** One pattern of subjects. */
  readonly filter: string;
  /** Milliseconds until a message that was not settled is handed out again. */
  readonly settleMs: number;
  /** Messages that may be out and not settled: how a slow consumer pushes back. */
  readonly atOnce: number;
}

/** How far one consumer is, for those who look at all of them. */
export interface ConsumerBacklog {
  readonly durable: string;
  readonly filter: string;
  /** UTC milliseconds, a few more or less after a restart of the broker: another one of its name was made later. */
  readonly createdMs: number;
  /** Place of the newest message that was handed out; 0 for none. */
  readonly handedOutTo: number;
  /** Times that anything was handed out, repetitions included. */
  readonly handOuts: number;
  /** Messages for it that are kept and were never handed out. */
  readonly unread: number;
}

export interface Backlog {
  /** Places of the oldest and of the newest message; what is older than the oldest is gone. */
  readonly first: number;
  readonly last: number;
  readonly consumers: readonly ConsumerBacklog[];
}

export interface Consuming {
  /** Takes no more; resolves when what is out has been settled, or after `withinMs`, when it is given back. */
  stop(withinMs: number): Promise<void>;
}

/** Every call rejects with STREAMS_UNREACHABLE (retryable) when no answer came in time: it may have happened all the same. */
export interface Streams {
  /** Makes the stream, or brings its limits up to date. @throws STREAM_MISFIT when one of that name keeps something else */
  ensure(spec: StreamSpec): Promise<void>;
  /**
   * Resolves when the broker has stored it.
   * @param id the same on every retry
   * @throws STREAM_FULL (retryable), STREAM_NONE when no stream keeps this subject, STREAM_TOO_LARGE
   */
  publish(
    subject: string,
    bytes: Uint8Array,
    options: { readonly id: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly sequence: number; readonly duplicate: boolean }>;
  /** Hands out messages in order, until stopped; outlives losses of the connection. The handler must not throw. */
  consume(stream: string, spec: ConsumerSpec, handle: (delivery: Delivery) => void): Promise<Consuming>;
  /** Forgets how far a consumer was. */
  forget(stream: string, durable: string): Promise<void>;
  /** Up to `limit` messages from a sequence on, oldest first. */
  read(
    stream: string,
    options: { readonly from: number; readonly limit: number },
  ): Promise<readonly Stored[]>;
  /** The newest message on exactly this subject; nothing when none is kept. */
  newest(stream: string, subject: string): Promise<Stored | undefined>;
  /** Where the stream begins and ends, and then how far each of its consumers is. */
  backlog(stream: string): Promise<Backlog>;
  /** Messages kept on subjects of a pattern, from a place on. */
  count(stream: string, options: { readonly filter: string; readonly from: number }): Promise<number>;
  /** Takes one message away. False when it was not there. */
  remove(stream: string, sequence: number): Promise<boolean>;
  /** Takes all away. Resolves with how many there were. */
  purge(stream: string): Promise<number>;
  /** Messages kept now, and their bytes. */
  size(stream: string): Promise<{ readonly messages: number; readonly bytes: number }>;
}
