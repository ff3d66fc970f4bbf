/** A link says and asks across a thread border: topics, deadlines, and failures that keep their code. */
import assert from 'node:assert/strict';
import { type EsperError, type Failure, fromFailure, toFailure } from '../../contracts/failure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Wire } from '../ports/threads.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { hostGone, hostNoHandler, hostTimedOut, hostUnsendable } from './errors.ts';

/** Bodies arrive as copies and unchecked: a handler parses them with the contract of its topic. */
export type LinkHandler = (body: unknown) => unknown | Promise<unknown>;

export interface Link {
  /**
   * Sends and forgets. False when the other side is gone.
   * @throws HOST_UNSENDABLE when the body cannot be copied
   */
  publish(topic: string, body: unknown): boolean;
  /**
   * Sends and waits for what the handler over there returns; what it throws arrives with its code.
   * @throws HOST_TIMED_OUT, HOST_GONE, HOST_NO_HANDLER, HOST_UNSENDABLE
   */
  request(topic: string, body: unknown, options: { readonly withinMs: number }): Promise<unknown>;
  /** One handler a topic, for publishes and requests alike. The answer removes it. */
  handle(topic: string, handler: LinkHandler): () => void;
}

export interface LinkOptions {
  /** Name of the host, on either side. */
  readonly host: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Pending {
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: EsperError) => void;
  readonly disarm: () => void;
}

export class WireLink implements Link {
  readonly #wire: Wire;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #handlers = new Map<string, LinkHandler>();
  readonly #pending = new Map<number, Pending>();
  #requests = 0;
  #gone: EsperError | undefined;
  #held: Envelope[] | undefined = [];

  constructor(wire: Wire, { host, clock, log }: LinkOptions) {
    this.#wire = wire;
    this.#host = host;
    this.#clock = clock;
    this.#log = log.with({ host });
    wire.onReceive((value) => this.#receive(value));
  }

  publish(topic: string, body: unknown): boolean {
    if (this.#gone) return false;
    this.#post(topic, { is: 'publish', topic, body });
    return true;
  }

  async request(topic: string, body: unknown, { withinMs }: { readonly withinMs: number }): Promise<unknown> {
    if (this.#gone) throw this.#gone;
    const id = ++this.#requests;
    this.#post(topic, { is: 'request', id, topic, body });
    return new Promise((resolve, reject) => {
      const late = () => this.#settle(id)?.reject(hostTimedOut(this.#host, topic, withinMs));
      this.#pending.set(id, { resolve, reject, disarm: this.#clock.after(withinMs, late) });
    });
  }

  handle(topic: string, handler: LinkHandler): () => void {
    assert(!this.#handlers.has(topic), `${topic} has a handler already`);
    this.#handlers.set(topic, handler);
    return () => void this.#handlers.delete(topic);
  }

  /** Lets in what arrived while handlers were still being set. Answers to our own requests were never held back. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const envelope of held) this.#dispatch(envelope);
  }

  /** The other side is gone: everybody who waits hears so, and so does everybody who asks later. */
  close(failure?: Failure): void {
    this.#gone ??= hostGone(this.#host, failure);
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#gone);
  }

  #receive(value: unknown): void {
    const envelope = parseEnvelope(value);
    if (!envelope) {
      this.#log.write('warn', 'something that is no envelope was dropped', { code: 'HOST_BAD_ENVELOPE' });
    } else if (envelope.is === 'reply') {
      this.#settle(envelope.id)?.resolve(envelope.body);
    } else if (envelope.is === 'failure') {
      this.#settle(envelope.id)?.reject(fromFailure(envelope.failure));
    } else if (this.#held) {
      this.#held.push(envelope);
    } else {
      this.#dispatch(envelope);
    }
  }

  #dispatch(envelope: Envelope): void {
    if (envelope.is === 'publish') void this.#take(envelope.topic, envelope.body);
    else if (envelope.is === 'request') void this.#answer(envelope.id, envelope.topic, envelope.body);
  }

  /** Nobody waits for the outcome of a publish, so its failure goes to the operators. */
  async #take(topic: string, body: unknown): Promise<void> {
    try {
      await this.#run(topic, body);
    } catch (error) {
      const { code, message } = toFailure(error);
      this.#log.write('error', 'a handler failed', { code, topic, message });
    }
  }

  async #answer(id: number, topic: string, body: unknown): Promise<void> {
    try {
      this.#post(topic, { is: 'reply', id, body: await this.#run(topic, body) });
    } catch (error) {
      this.#postFailure(id, topic, toFailure(error));
    }
  }

  /** Details may hold what cannot be copied; then the code and the words must do. */
  #postFailure(id: number, topic: string, failure: Failure): void {
    try {
      this.#post(topic, { is: 'failure', id, failure });
    } catch {
      this.#post(topic, { is: 'failure', id, failure: { ...failure, details: {} } });
    }
  }

  async #run(topic: string, body: unknown): Promise<unknown> {
    const handler = this.#handlers.get(topic);
    if (!handler) throw hostNoHandler(this.#host, topic);
    return handler(body);
  }

  #post(topic: string, envelope: Envelope): void {
    try {
      this.#wire.post(envelope);
    } catch (cause) {
      throw hostUnsendable(this.#host, topic, cause);
    }
  }

  /** Takes a pending request off the list; an answer that comes too late finds nothing. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.disarm();
    return pending;
  }
}
