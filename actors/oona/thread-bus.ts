/** Oona's bus inside a thread: everything goes through the bus of its node, which keeps what the thread has not settled. */
import { BusBodySchema, EsperError, ThreadHeard, TOPIC_RULES, toFailure } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Link } from '../../runtime/host/link.ts';
import type {
  BusBody,
  BusMessage,
  Clock,
  Ids,
  Log,
  PublishOptions,
  SubscribeOptions,
} from '../../runtime/index.ts';
import { type BusCounters, Tally } from './counters.ts';
import type { Handle } from './deliveries.ts';
import { badQueue, unanswerable } from './errors.ts';
import { checkSize, SizeLimits } from './measure.ts';
import { keyOf } from './message-key.ts';
import type { OonaBus } from './oona-bus.ts';
import { oonaOptions } from './options.ts';
import type { Answerer } from './questions.ts';
import { said } from './said.ts';
import { Speaker } from './speaker.ts';
import { THREAD } from './thread-topics.ts';
import { TopicClasses } from './topic-classes.ts';
import { checkPattern, checkTopic, isQueue } from './topics.ts';
import { Turnstile } from './turnstile.ts';

export { serveThreadBus } from './serve-thread-bus.ts';

/** Milliseconds beyond its own limit that an answer may take to cross back. */
const CROSSING_MS = 1_000;

const heard = checkerOf(ThreadHeard);
const answer = checkerOf(BusBodySchema);

interface Ear {
  readonly handle: Handle;
  readonly turnstile: Turnstile;
  /** By key: what waits or is being handled. The node hands a message again when it took long. */
  readonly atWork: Map<string, Promise<void>>;
}

export interface ThreadBusPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A handler that throws is tried again by the node's bus, which also keeps the dead letters. */
export class ThreadBus implements OonaBus {
  readonly #link: Link;
  /** What the ids of this bus begin with: chance is slow, and once is enough. */
  readonly #name: string;
  readonly #speaker: Speaker;
  readonly #maxBytes: number;
  readonly #sizes: SizeLimits;
  readonly #ears = new Map<number, Ear>();
  readonly #answerers = new Map<number, Answerer>();
  readonly #tally = new Tally();
  readonly #unhandle: readonly (() => void)[];
  #next = 1;
  #said = 0;

  /** Once a thread, in the turn in which it joins its host. */
  constructor(link: Link, ports: ThreadBusPorts, options: { readonly maxBytes?: number } = {}) {
    this.#link = link;
    this.#name = ports.ids.next('m');
    this.#maxBytes = options.maxBytes ?? oonaOptions.maxBytes;
    const classes = new TopicClasses(TOPIC_RULES);
    this.#sizes = new SizeLimits(classes, { ...oonaOptions, maxBytes: this.#maxBytes });
    this.#speaker = new Speaker(link, ports, classes);
    this.#unhandle = [
      link.handle(THREAD.heard, (body) => this.#heard(body)),
      link.handle(THREAD.question, (body) => this.#question(body)),
    ];
  }

  publish(topic: string, body: BusBody, options: number | PublishOptions = {}): boolean {
    checkTopic(topic);
    this.#sizes.check(topic, body);
    const { id = `${this.#name}.${++this.#said}`, ...how } = said(options);
    return this.#speaker.say({ topic, body, id, ...how });
  }

  subscribe(pattern: string, handle: Handle, options: SubscribeOptions = {}): () => void {
    this.#check(pattern, options.queue);
    const number = this.#next++;
    this.#ears.set(number, { handle, turnstile: new Turnstile(options.atOnce ?? 1), atWork: new Map() });
    this.#link.publish(THREAD.subscribe, { ...options, number, pattern });
    return () => {
      if (this.#ears.delete(number)) this.#link.publish(THREAD.leave, { number });
    };
  }

  async request(topic: string, body: BusBody, { withinMs }: { readonly withinMs: number }): Promise<BusBody> {
    checkTopic(topic);
    checkSize(topic, body, this.#maxBytes);
    const limit = { withinMs: withinMs + CROSSING_MS };
    const said = await this.#link.request(THREAD.asked, { topic, body, withinMs }, limit);
    if (!answer.check(said)) throw unanswerable(topic, 'the answer is no message');
    return said;
  }

  respond(pattern: string, handle: Answerer, options: { readonly queue?: string } = {}): () => void {
    this.#check(pattern, options.queue);
    const number = this.#next++;
    this.#answerers.set(number, handle);
    this.#link.publish(THREAD.respond, { ...options, number, pattern });
    return () => {
      if (this.#answerers.delete(number)) this.#link.publish(THREAD.leave, { number });
    };
  }

  /** Of what reached this thread. What a handler threw over went back to the node. */
  counters(): BusCounters {
    const queued = [...this.#ears.values()].reduce((sum, { turnstile }) => sum + turnstile.size, 0);
    return this.#tally.counters(queued);
  }

  /** None: the node's bus has them. */
  deadLetters(): readonly [] {
    return [];
  }

  /** Nothing is heard or said any more; what was heard and not settled goes to others. */
  close(): void {
    for (const number of [...this.#ears.keys(), ...this.#answerers.keys()])
      this.#link.publish(THREAD.leave, { number });
    this.#ears.clear();
    this.#answerers.clear();
    this.#speaker.close();
    for (const unhandle of this.#unhandle) unhandle();
  }

  #check(pattern: string, queue: string | undefined): void {
    checkPattern(pattern);
    if (queue !== undefined && !isQueue(queue)) throw badQueue(queue);
  }

  /** Resolves when the handler has dealt with it. */
  async #heard(body: unknown): Promise<void> {
    const { number, message } = parsed(body);
    const ear = this.#ears.get(number);
    if (!ear) throw ended();
    const key = keyOf(message);
    const before = ear.atWork.get(key);
    if (before !== undefined) return before;
    const work = this.#handle(number, ear, message).finally(() => ear.atWork.delete(key));
    ear.atWork.set(key, work);
    return work;
  }

  async #handle(number: number, ear: Ear, message: BusMessage): Promise<void> {
    this.#tally.published++;
    try {
      await ear.turnstile.pass(() => {
        // It may have left while this waited.
        if (!this.#ears.has(number)) throw ended();
        return ear.handle(message);
      });
      this.#tally.handled++;
    } catch (thrown) {
      this.#tally.returned++;
      throw thrown instanceof Error ? thrown : new Error(toFailure(thrown).message);
    }
  }

  async #question(body: unknown): Promise<BusBody> {
    const { number, message } = parsed(body);
    const answerer = this.#answerers.get(number);
    if (!answerer) throw unanswerable(message.topic, 'whoever answered there has left');
    return answerer(message);
  }
}

const ended = () =>
  new EsperError(
    'OONA_NOT_TAKEN',
    'the subscription has ended',
    {},
    { retryable: true, hint: 'subscribe before publishing' },
  );

function parsed(body: unknown): { readonly number: number; readonly message: BusMessage } {
  if (!heard.check(body)) throw unanswerable('', 'the node sent something that is no message');
  return body;
}
