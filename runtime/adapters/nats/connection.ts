/** One connection to a NATS server: whether it is up, subscriptions that survive their handlers, questions that end with it. */
import { createInbox, type JetStreamManager, type Msg, type NatsConnection, type Subscription } from 'nats';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { headersOf } from './headers.ts';
import { RequestFailed, sorted } from './request-failed.ts';

export interface ConnectionParts {
  readonly nc: NatsConnection;
  readonly inboxPrefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly cluster: string;
  readonly maxBytes?: number;
  readonly answerMs: number;
}

export interface Question {
  readonly withinMs?: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

interface Wanted {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly take: (message: Msg) => void;
  sub: Subscription | null;
}

/** Subjects whose denial was told of; more are only counted. */
const DENIALS_TOLD = 100;

export class Connection {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly cluster: string;
  readonly answerMs: number;
  readonly #nc: NatsConnection;
  readonly #inboxPrefix: string;
  readonly #maxBytes: number;
  readonly #wanted = new Set<Wanted>();
  readonly #listeners = new Set<(up: boolean) => void>();
  /** Ends of questions that wait for an answer. */
  readonly #waiting = new Set<(failed: RequestFailed) => void>();
  readonly #denied = new Set<string>();
  readonly #manager: Promise<JetStreamManager>;
  #up = true;
  #closed = false;

  constructor({ nc, inboxPrefix, clock, log, metrics, cluster, maxBytes, answerMs }: ConnectionParts) {
    this.#nc = nc;
    this.#inboxPrefix = inboxPrefix;
    this.clock = clock;
    this.log = log;
    this.metrics = metrics;
    this.cluster = cluster;
    this.answerMs = answerMs;
    this.#maxBytes = maxBytes ?? Number.POSITIVE_INFINITY;
    this.#manager = nc.jetstreamManager({ checkAPI: false, timeout: answerMs });
    metrics.gauge('nats_connected', 1);
    void this.#watchStatus();
  }

  get up(): boolean {
    return this.#up;
  }
  get closed(): boolean {
    return this.#closed;
  }
  get maxBytes(): number {
    return Math.min(this.#maxBytes, this.#nc.info?.max_payload ?? this.#maxBytes);
  }
  get nc(): NatsConnection {
    return this.#nc;
  }

  /** A subject that only this client hears. */
  inbox(): string {
    return createInbox(this.#inboxPrefix);
  }

  /** Copies and hands over. False when it is down, or the message too large. */
  publish(subject: string, bytes: Uint8Array, reply?: string): boolean {
    if (!this.#up) return false;
    try {
      // The library keeps what it is given until it is written to the socket.
      this.#nc.publish(subject, new Uint8Array(bytes), reply === undefined ? {} : { reply });
      return true;
    } catch (thrown) {
      const { trouble, message } = sorted(thrown);
      this.metrics.count('nats_publish_refused_total', 1, { why: trouble });
      this.log.write('warn', 'NATS did not take a message', { subject, bytes: bytes.length, error: message });
      return false;
    }
  }

  /** Outlives outages, denials and what its handler throws. The answer ends it. */
  subscribe(subject: string, take: (message: Msg) => void, queue?: string): () => void {
    const wanted: Wanted = { subject, queue, take, sub: null };
    this.#wanted.add(wanted);
    this.#open(wanted);
    return () => {
      if (this.#wanted.delete(wanted)) wanted.sub?.unsubscribe();
    };
  }

  /** Resolves when the server has seen all that was handed over before. Rejects with RequestFailed. */
  flush(): Promise<void> {
    return this.call(() => this.#nc.flush());
  }

  /** Rejects with RequestFailed. */
  ask(
    subject: string,
    bytes: Uint8Array,
    { withinMs = this.answerMs, headers }: Question = {},
  ): Promise<Msg> {
    return this.call(() =>
      this.#nc.request(subject, new Uint8Array(bytes), {
        timeout: withinMs,
        ...(headers === undefined ? {} : { headers: headersOf(headers) }),
      }),
    );
  }

  /** Asks the server's own administration of streams. Rejects with RequestFailed. */
  manage<T>(work: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    return this.call(async () => work(await this.#manager));
  }

  /** Runs what waits for the server, and gives up at once when the connection breaks. */
  call<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#up) return Promise.reject(new RequestFailed('down', 'no connection'));
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiting.delete(fail);
        end();
      };
      const fail = (failed: RequestFailed) => settle(() => reject(failed));
      this.#waiting.add(fail);
      work().then(
        (value) => settle(() => resolve(value)),
        (thrown) => fail(sorted(thrown)),
      );
    });
  }

  /** Told of every change. The answer ends it. */
  onChange(tell: (up: boolean) => void): () => void {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }

  /** Runs a handler whose throw would silence the whole connection; here it is told and counted. */
  guard(what: string, work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.complain(what, thrown);
    }
  }

  complain(what: string, thrown: unknown): void {
    this.metrics.count('nats_handler_errors_total');
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    this.log.write('error', 'a handler of the broker threw', { what, error });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#up) await this.#flushShortly();
    this.#closed = true;
    this.#change(false);
    this.#wanted.clear();
    this.#listeners.clear();
    await this.#nc.close();
  }

  /** Last words reach the server when it listens. */
  async #flushShortly(): Promise<void> {
    const late = new Promise<void>((resolve) => {
      const cancel = this.clock.after(500, resolve);
      const done = () => {
        cancel();
        resolve();
      };
      this.flush().then(done, done);
    });
    await late;
  }

  #open(wanted: Wanted): void {
    const { subject, queue, take } = wanted;
    if (this.#nc.isClosed()) return;
    wanted.sub = this.#nc.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        // An error means that the server refused the subscription; the status tells of it.
        if (error === null) this.guard(subject, () => take(message));
      },
    });
  }

  async #watchStatus(): Promise<void> {
    for await (const { type, permissionContext, data } of this.#nc.status()) {
      if (type === 'disconnect') this.#change(false);
      else if (type === 'reconnect') this.#returned();
      else if (type === 'error') this.#tellError(String(data), permissionContext);
    }
  }

  /** Counts as up once the server has seen all subscriptions: what others send from then on is heard. */
  #returned(): void {
    // What was refused before may be allowed now.
    this.#denied.clear();
    for (const wanted of this.#wanted) if (wanted.sub?.isClosed() !== false) this.#open(wanted);
    this.#nc.flush().then(
      () => this.#change(true),
      () => undefined, // it broke again: another return will follow
    );
  }

  #change(up: boolean): void {
    if (up === this.#up || (up && this.#closed)) return;
    this.#up = up;
    this.metrics.gauge('nats_connected', up ? 1 : 0);
    if (!up) {
      this.metrics.count('nats_disconnects_total');
      for (const fail of [...this.#waiting]) fail(new RequestFailed('down', 'the connection broke'));
    }
    if (!this.#closed) this.log.write(up ? 'info' : 'warn', up ? 'NATS is back' : 'NATS is out of reach', {});
    for (const tell of [...this.#listeners]) this.guard('a change of the connection', () => tell(up));
  }

  #tellError(code: string, denied: { operation: string; subject: string } | undefined): void {
    if (denied === undefined) {
      this.log.write('warn', 'the NATS server complains', { code });
      return;
    }
    const { operation, subject } = denied;
    this.metrics.count('nats_denied_total', 1, { operation });
    if (this.#denied.size >= DENIALS_TOLD || this.#denied.has(`${operation} ${subject}`)) return;
    this.#denied.add(`${operation} ${subject}`);
    this.log.write('error', 'NATS denies what this user wants', { operation, subject, code: 'NATS_DENIED' });
  }
}
