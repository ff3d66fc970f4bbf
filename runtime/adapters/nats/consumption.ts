/** One consumer of one stream: asks for as many messages as it may have out, settles them, and starts anew after outages. */
import type { Msg } from 'nats';
import type { ConsumerSpec, Consuming, Delivery } from '../../ports/streams.ts';
import { handedOut } from './ack-subject.ts';
import type { Connection } from './connection.ts';
import { recordOf } from './headers.ts';
import { plainBytes } from './plain-bytes.ts';

/** Milliseconds the server keeps a request for messages. */
const REQUEST_MS = 30_000;
/** The server says so often that a request is still open. */
const HEARTBEAT_MS = 1_000;
/** So long without a word and the request is given up. */
const SILENT_MS = 2_500;
/** Pause after a request that the server ended for another reason than time. */
const AGAIN_MS = 250;
/** Settlements kept for the time after an outage; older ones are handed out again. */
const OWED_MOST = 1_000;

const utf8 = new TextEncoder();
const DONE = utf8.encode('+ACK');
const NEVER = utf8.encode('+TERM');
const WORKING = utf8.encode('+WPI');
const AGAIN = utf8.encode('-NAK');

interface Out {
  readonly reply: string;
  settled: boolean;
}

interface Owed {
  readonly sequence: number;
  readonly reply: string;
  readonly word: Uint8Array;
}

/** What the server says of a consumer: which one it is, and how far it has handed out. */
export interface Consumer {
  readonly created: string;
  readonly handedOutTo: number;
}

export interface ConsumptionParts {
  readonly connection: Connection;
  readonly stream: string;
  readonly spec: ConsumerSpec;
  readonly handle: (delivery: Delivery) => void;
  /** As it was when this began. */
  readonly consumer: Consumer;
  /** Makes sure that stream and consumer exist. */
  readonly restore: () => Promise<Consumer>;
}

export class Consumption implements Consuming {
  readonly #parts: ConsumptionParts;
  readonly #inbox: string;
  /** By sequence: handed to us and not settled. */
  readonly #out = new Map<number, Out>();
  readonly #owed: Owed[] = [];
  readonly #ends: (() => void)[];
  /** Messages that the open request may still bring; 0 when none is open. */
  #asked = 0;
  #request = 0;
  #created: string;
  #heardMs: number;
  #restoring = false;
  #stopped = false;
  #cancelLook: () => void = () => undefined;
  #cancelAgain: () => void = () => undefined;
  #emptied: (() => void) | null = null;

  constructor(parts: ConsumptionParts) {
    const { connection } = parts;
    this.#parts = parts;
    this.#created = parts.consumer.created;
    this.#inbox = connection.inbox();
    this.#heardMs = connection.clock.nowMs();
    this.#ends = [
      connection.subscribe(`${this.#inbox}.*`, (message) => this.#take(message)),
      connection.onChange((up) => this.#changed(up)),
    ];
    this.#look();
    this.#more();
  }

  async stop(withinMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const { connection } = this.#parts;
    const [unsubscribe, unwatch] = this.#ends;
    // The server drops the open request with its subscriber; what it sent before comes ahead of the flush, and goes back.
    unsubscribe?.();
    this.#cancelLook();
    this.#cancelAgain();
    if (this.#out.size > 0 && withinMs > 0) {
      await new Promise<void>((resolve) => {
        const cancel = connection.clock.after(withinMs, resolve);
        this.#emptied = () => {
          cancel();
          resolve();
        };
      });
    }
    for (const [sequence, out] of [...this.#out]) this.#settle(sequence, out, AGAIN);
    unwatch?.();
    if (connection.up) await connection.flush().catch(() => undefined); // an outage gives everything back by itself
  }

  #take(message: Msg): void {
    this.#heardMs = this.#parts.connection.clock.nowMs();
    if (message.subject.startsWith(`${this.#inbox}.`)) this.#told(message);
    else this.#deliver(message);
  }

  /** The server says something about a request. */
  #told({ subject, headers }: Msg): void {
    const code = headers?.code ?? 0;
    const stale = subject !== `${this.#inbox}.${this.#request}`;
    if (stale || code === 100) return;
    this.#asked = 0;
    if (code === 408 || code === 404) this.#more();
    else this.#soonRestore();
  }

  #deliver({ subject, data, headers, reply = '' }: Msg): void {
    const { connection, handle, spec } = this.#parts;
    const seen = handedOut(reply);
    if (seen === undefined) {
      connection.complain(subject, new Error('a message that was not handed out by a stream'));
      return;
    }
    const { sequence } = seen;
    const out: Out = { reply, settled: false };
    this.#asked = Math.max(0, this.#asked - 1);
    // Handed out anew while the first is still out: only the newer one can settle it.
    const older = this.#out.get(sequence);
    if (older !== undefined) older.settled = true;
    this.#out.set(sequence, out);
    if (this.#stopped) {
      this.#settle(sequence, out, AGAIN);
      return;
    }
    const delivery: Delivery = {
      subject,
      bytes: plainBytes(data),
      headers: recordOf(headers),
      ...seen,
      done: () => this.#settle(sequence, out, DONE),
      again: (delayMs) => this.#settle(sequence, out, againAfter(delayMs)),
      never: () => this.#settle(sequence, out, NEVER),
      working: () => {
        if (!out.settled) connection.publish(reply, WORKING);
      },
    };
    try {
      handle(delivery);
    } catch (thrown) {
      connection.complain(subject, thrown);
      delivery.again(spec.settleMs);
    }
    this.#more();
  }

  #settle(sequence: number, out: Out, word: Uint8Array): void {
    if (out.settled) return;
    out.settled = true;
    if (this.#out.get(sequence) === out) this.#out.delete(sequence);
    this.#say({ sequence, reply: out.reply, word });
    if (this.#out.size === 0) this.#emptied?.();
    this.#more();
  }

  /** A settlement stays good across an outage. */
  #say(owed: Owed): void {
    // While the server is looked at anew nobody knows whether it still means the same message by this number.
    if (!this.#restoring && this.#parts.connection.publish(owed.reply, owed.word)) return;
    this.#owed.push(owed);
    if (this.#owed.length > OWED_MOST) this.#owed.shift();
  }

  /** One request is open at a time; the next asks for all credit that became free meanwhile. */
  #more(): void {
    const { connection, stream, spec } = this.#parts;
    const free = spec.atOnce - this.#out.size;
    if (this.#stopped || this.#restoring || this.#asked > 0 || free <= 0 || !connection.up) return;
    const wish = { batch: free, expires: REQUEST_MS * 1e6, idle_heartbeat: HEARTBEAT_MS * 1e6 };
    this.#request++;
    this.#asked = free;
    this.#heardMs = connection.clock.nowMs();
    connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${spec.durable}`,
      utf8.encode(JSON.stringify(wish)),
      `${this.#inbox}.${this.#request}`,
    );
  }

  #changed(up: boolean): void {
    if (this.#parts.connection.closed) {
      this.#stopped = true;
      this.#cancelLook();
      this.#cancelAgain();
      this.#emptied?.();
      return;
    }
    this.#asked = 0;
    if (up) void this.#restore();
  }

  /** Notices a request that the server has forgotten. */
  #look(): void {
    const { clock } = this.#parts.connection;
    this.#cancelLook = clock.after(HEARTBEAT_MS, () => {
      if (this.#asked > 0 && clock.nowMs() - this.#heardMs > SILENT_MS) void this.#restore();
      this.#look();
    });
  }

  #soonRestore(): void {
    this.#cancelAgain();
    this.#cancelAgain = this.#parts.connection.clock.after(AGAIN_MS, () => void this.#restore());
  }

  async #restore(): Promise<void> {
    const { connection, restore, stream, spec } = this.#parts;
    if (this.#stopped || this.#restoring || !connection.up) return;
    this.#restoring = true;
    this.#asked = 0;
    // What is handed out while the answer is under way is not in it.
    const before = [...this.#out];
    try {
      const consumer = await restore();
      this.#restoring = false;
      this.#forgetLost(before, consumer);
    } catch (thrown) {
      this.#restoring = false;
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      connection.metrics.count('nats_consumer_restore_failures_total');
      connection.log.write('warn', 'a consumer cannot go on yet', { stream, durable: spec.durable, error });
      if (!this.#stopped) this.#soonRestore();
      return;
    }
    for (const owed of this.#owed.splice(0)) this.#say(owed);
    this.#more();
  }

  /**
   * A server that lost its disk, or the end of it, gives the same numbers to other messages: what it handed out before it
   * must not settle those.
   */
  #forgetLost(before: readonly (readonly [number, Out])[], { created, handedOutTo }: Consumer): void {
    const isLost = (sequence: number) => created !== this.#created || sequence > handedOutTo;
    for (const [sequence, out] of before) {
      if (!isLost(sequence)) continue;
      out.settled = true;
      if (this.#out.get(sequence) === out) this.#out.delete(sequence);
    }
    const good = this.#owed.filter(({ sequence }) => !isLost(sequence));
    this.#owed.splice(0, this.#owed.length, ...good);
    this.#created = created;
    if (this.#out.size === 0) this.#emptied?.();
  }
}

function againAfter(delayMs: number): Uint8Array {
  if (!(delayMs > 0)) return AGAIN;
  return utf8.encode(`-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1e6) })}`);
}
