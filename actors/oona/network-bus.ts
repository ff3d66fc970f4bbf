/** Oona's bus between nodes: what is critical is kept by a broker until it was dealt with, the rest is carried at most once. */
import { type BusDeadLetter, encode, toFailure } from '../../contracts/index.ts';
import { streamArtifacts } from '../../runtime/artifacts/stream-artifacts.ts';
import type {
  ArtifactStore,
  BusBody,
  BusMessage,
  Clock,
  Hasher,
  Ids,
  Log,
  Metrics,
  PublishOptions,
  Services,
  Streams,
  SubscribeOptions,
  Transport,
} from '../../runtime/index.ts';
import { Batches } from './batches.ts';
import type { DeadLetter } from './bus.ts';
import type { BusCounters } from './counters.ts';
import type { DeadLetterStore } from './dead-letter-store.ts';
import { Deliveries, type Handle } from './deliveries.ts';
import { Dock } from './dock.ts';
import { badQueue } from './errors.ts';
import { loaded } from './freight.ts';
import { KeptSubscription } from './kept-subscription.ts';
import { LossWatch } from './loss-watch.ts';
import { roughBytes, SizeLimits } from './measure.ts';
import { keyOf } from './message-key.ts';
import { type NetworkOptions, networkOptions } from './network-options.ts';
import { NetworkQuestions } from './network-questions.ts';
import { obituary, REASON_MOST } from './obituary.ts';
import type { OonaBus } from './oona-bus.ts';
import { Outbox } from './outbox.ts';
import type { Answerer } from './questions.ts';
import { said } from './said.ts';
import { Seen } from './seen.ts';
import { streamDeadLetters } from './stream-dead-letters.ts';
import { durableName, Subjects } from './subjects.ts';
import { TopicClasses } from './topic-classes.ts';
import { checkPattern, checkTopic, isQueue } from './topics.ts';
import { Author, open, type ParcelHead, type Said } from './wire.ts';

export interface NetworkBusPorts {
  readonly transport: Transport;
  readonly streams: Streams;
  readonly services: Services;
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface NetworkBusOptions extends Partial<NetworkOptions> {
  /** Name of this node, and which life of it. */
  readonly node: string;
  readonly epoch: number;
}

/** What this node has said. */
export interface NetworkCounters {
  /** Critical messages that wait for the broker, that it has stored, and that found the outbox full. */
  readonly waiting: number;
  readonly stored: number;
  readonly refused: number;
  /** Critical messages that no broker takes. */
  readonly lost: number;
  /** Messages let go on the way out, by class. */
  readonly dropped: Readonly<Record<'critical' | 'plain' | 'telemetry', number>>;
  /** By queue of the cluster: critical messages, at least, that the broker let go before the queue had them, since this node is there. */
  readonly outrun: Readonly<Record<string, number>>;
}

/** Bytes of a packed message besides its body. */
const WRAPPING = 1_024;
/** The same when it is a dead letter: with the reason, and the headers of the broker. */
const SHROUD = 8_192;
/** Of an artifact, at a time. */
const PIECE_BYTES = 131_072;
/** Milliseconds a subscription that ends waits for what is being handled. */
const LEAVE_WITHIN_MS = 1_000;

/**
 * Makes the streams of the cluster and opens the bus of one node. The ports stay the caller's; `close` the bus before them.
 * @throws OONA_BAD_PREFIX, STREAMS_UNREACHABLE, STREAM_MISFIT
 */
export async function openNetworkBus(
  ports: NetworkBusPorts,
  options: NetworkBusOptions,
): Promise<NetworkBus> {
  const bus = new NetworkBus(ports, options);
  await bus.ensure();
  return bus;
}

export class NetworkBus implements OonaBus {
  readonly deadLetterStore: DeadLetterStore;
  /** What is too large for a message, of the whole cluster. */
  readonly artifacts: ArtifactStore;
  readonly #ports: NetworkBusPorts;
  readonly #options: NetworkOptions & NetworkBusOptions;
  readonly #subjects: Subjects;
  readonly #classes: TopicClasses;
  readonly #author: Author;
  readonly #deliveries: Deliveries;
  readonly #batches: Batches;
  readonly #outbox: Outbox;
  readonly #questions: NetworkQuestions;
  readonly #leaves = new Set<() => Promise<void>>();
  /** By queue and pattern: a unit that leaves and comes back still knows what it has handled. */
  readonly #seen = new Map<string, Seen>();
  readonly #maxBytes: number;
  readonly #sizes: SizeLimits;
  readonly #losses: LossWatch;
  readonly #unwatch: () => void;

  /** Use `openNetworkBus`, which makes the streams first. */
  constructor(ports: NetworkBusPorts, given: NetworkBusOptions) {
    const options = { ...networkOptions, ...given };
    const { clock, transport } = ports;
    this.#ports = ports;
    this.#options = options;
    this.#subjects = new Subjects(options.prefix);
    this.#classes = new TopicClasses(options.topics);
    this.#author = new Author(options.node, options.epoch);
    this.#maxBytes = Math.min(options.maxBytes, transport.maxBytes - SHROUD);
    this.#sizes = new SizeLimits(this.#classes, { ...options, maxBytes: this.#maxBytes });
    this.artifacts = streamArtifacts({
      ...ports,
      stream: this.#subjects.artifacts,
      prefix: this.#subjects.artifact,
      pieceBytes: Math.min(PIECE_BYTES, this.#maxBytes),
    });
    this.#losses = new LossWatch({ ...ports, stream: this.#subjects.jobs, everyMs: options.lookMs });
    this.#deliveries = new Deliveries(clock, options, (letter) => this.#tell(letter));
    const world = { ...ports, options, subjects: this.#subjects, author: this.#author };
    this.#batches = new Batches(world);
    this.#questions = new NetworkQuestions(world, this.#maxBytes);
    this.deadLetterStore = streamDeadLetters(world);
    this.#outbox = new Outbox(
      { ...ports, connected: () => transport.connected, ensure: () => this.ensure() },
      {
        messages: options.outboxMessages,
        bytes: options.outboxBytes,
        atOnce: options.outboxAtOnce,
        retryMs: options.outboxRetryMs,
      },
    );
    this.#unwatch = transport.onChange((connected) => {
      if (connected) this.#outbox.resume();
    });
  }

  /** @throws STREAMS_UNREACHABLE, STREAM_MISFIT */
  async ensure(): Promise<void> {
    for (const spec of this.#subjects.streams(this.#options)) await this.#ports.streams.ensure(spec);
  }

  publish(topic: string, body: BusBody, options: number | PublishOptions = {}): boolean {
    checkTopic(topic);
    this.#sizes.check(topic, body);
    const { priority, id, withinMs } = said(options);
    const named = {
      ...(id === undefined ? {} : { id }),
      ...(withinMs === undefined ? {} : { leftMs: withinMs }),
    };
    const topicClass = this.#classes.of(topic);
    if (topicClass !== 'critical') return this.#batches.add(topicClass, topic, priority, { body, ...named });
    const seq = this.#author.next();
    const head = { topic, priority, sentMs: this.#ports.clock.wallMs() };
    const { bytes, ...bulk } = this.#packed(head, { seq, body, ...named });
    return this.#outbox.add({
      ...bulk,
      subject: this.#subjects.kept(topic, priority),
      id: keyOf({ topic, id: id ?? this.#author.idOf(seq) }),
      bytes,
      // For those who listen without a queue: they hear what is safe, once.
      stored: () => void this.#ports.transport.publish(this.#subjects.live(topic, priority), bytes),
      lost: () => undefined,
    });
  }

  /** As it is, or as a reference when it is larger than the broker takes. */
  #packed(head: ParcelHead, one: Said & { readonly seq: number }) {
    const { largestBytes } = this.#options;
    if (roughBytes(one.body, this.#maxBytes) <= this.#maxBytes) {
      const bytes = this.#author.pack(head, [one]);
      if (bytes.length <= this.#maxBytes + WRAPPING) return { bytes };
    }
    const { body, bulk } = loaded(this.artifacts, head.topic, one.body, largestBytes);
    return { bytes: this.#author.pack(head, [{ ...one, body }]), bulk };
  }

  subscribe(pattern: string, handle: Handle, options: SubscribeOptions = {}): () => void {
    checkPattern(pattern);
    const { queue, atOnce = 1, credits = Math.max(this.#options.credits, atOnce) } = options;
    if (queue !== undefined && !isQueue(queue)) throw badQueue(queue);
    const subscriber = this.#deliveries.join(pattern, handle, { atOnce });
    const isKept = queue !== undefined && this.#classes.someCritical(pattern);
    const isLive = queue === undefined || !this.#classes.allCritical(pattern);
    const kept = isKept ? this.#keep(subscriber, { pattern, queue, credits }) : null;
    const unlisten = isLive ? this.#listen(subscriber, pattern, queue) : null;
    const leave = async () => {
      if (!this.#leaves.delete(leave)) return;
      unlisten?.();
      const stopped = kept?.stop(LEAVE_WITHIN_MS);
      this.#deliveries.leave(subscriber);
      await stopped;
    };
    this.#leaves.add(leave);
    return () => void leave();
  }

  async request(topic: string, body: BusBody, options: { readonly withinMs: number }): Promise<BusBody> {
    return this.#questions.ask(topic, body, options.withinMs);
  }

  respond(pattern: string, handle: Answerer, { queue }: { readonly queue?: string } = {}): () => void {
    checkPattern(pattern);
    return this.#questions.respond(pattern, handle, queue);
  }

  /** Of the copies that reached this node. */
  counters(): BusCounters {
    return this.#deliveries.counters();
  }

  network(): NetworkCounters {
    return {
      waiting: this.#outbox.size,
      ...this.#outbox.counts,
      dropped: this.#batches.dropped,
      outrun: this.#losses.counts,
    };
  }

  /** Resolves when all that is critical is stored, or after `withinMs`. @returns how many messages still wait */
  stored(withinMs: number): Promise<number> {
    return this.#outbox.empty(withinMs);
  }

  /** The newest of this node; `deadLetterStore` has those of the cluster. */
  deadLetters(): readonly DeadLetter[] {
    return this.#deliveries.deadLetters();
  }

  close(): void {
    this.#unwatch();
    this.#losses.close();
    this.#batches.close();
    for (const leave of [...this.#leaves]) void leave();
    this.#questions.close();
    const waiting = this.#outbox.close();
    if (waiting > 0)
      this.#ports.log.write('error', 'critical messages were never stored', {
        code: 'OONA_NOT_STORED',
        waiting,
      });
    this.#deliveries.close();
  }

  #listen(subscriber: number, pattern: string, queue: string | undefined): () => void {
    const { transport, clock, metrics } = this.#ports;
    const dock = new Dock(this.artifacts);
    const take = (bytes: Uint8Array, subject: string) => {
      const parcel = open(bytes);
      if (typeof parcel === 'string' || subject !== this.#subjects.live(parcel.topic, parcel.priority)) {
        const why = typeof parcel === 'string' ? parcel : 'subject';
        metrics.count('esper_bus_refused_total', 1, { why });
        return;
      }
      // A queue gets what is critical from the broker that keeps it.
      if (queue !== undefined && this.#classes.of(parcel.topic) === 'critical') return;
      for (const { message, leftMs } of parcel.said) {
        const how = leftMs === undefined ? {} : { dueMs: clock.nowMs() + leftMs };
        const hand = (whole: BusMessage) => void this.#deliveries.offer(subscriber, whole, how);
        dock.take(message, hand, (thrown) => this.#notFetched(message, thrown));
      }
    };
    return transport.subscribe(this.#subjects.live(pattern, '*'), take, queue === undefined ? {} : { queue });
  }

  /** What is heard live comes once. */
  #notFetched({ topic, id }: BusMessage, thrown: unknown): void {
    const { code, message } = toFailure(thrown);
    this.#ports.metrics.count('esper_bus_refused_total', 1, { why: 'artifact' });
    this.#ports.log.write('error', 'a large message cannot be fetched', { code, topic, id, message });
  }

  #keep(
    subscriber: number,
    spec: { readonly pattern: string; readonly queue: string; readonly credits: number },
  ) {
    const { clock } = this.#ports;
    const { seenMost, seenMs } = this.#options;
    const name = durableName(spec.queue, spec.pattern, 0);
    const seen = this.#seen.get(name) ?? new Seen(clock, seenMost, seenMs);
    this.#seen.set(name, seen);
    const world = {
      ...this.#ports,
      artifacts: this.artifacts,
      subjects: this.#subjects,
      options: this.#options,
      offer: (message: BusMessage, how: Parameters<Deliveries['offer']>[2]) =>
        this.#deliveries.offer(subscriber, message, how),
      bury: (message: BusMessage, reason: string, tries: number, kept: () => void) =>
        this.#bury({ message, reason, tries, queue: spec.queue, kept }),
    };
    return new KeptSubscription(world, { ...spec, seen });
  }

  #bury(dead: {
    readonly message: BusMessage;
    readonly reason: string;
    readonly tries: number;
    readonly queue: string;
    readonly kept: () => void;
  }): boolean {
    const { message, tries, queue, kept } = dead;
    const letter: BusDeadLetter = {
      v: 1,
      ...message,
      reason: dead.reason.slice(0, REASON_MOST),
      tries,
      queue,
      node: this.#options.node,
      diedMs: this.#ports.clock.wallMs(),
    };
    this.#ports.metrics.count('esper_bus_dead_total', 1, { queue });
    return this.#outbox.add({
      subject: this.#subjects.letter(queue),
      id: this.#ports.ids.next('dead'),
      bytes: encode(letter),
      stored: kept,
      lost: kept,
    });
  }

  #tell(letter: DeadLetter): void {
    const news = obituary(letter, this.#options.largestBytes);
    if (news) this.publish(news.topic, news.body, 1);
  }
}
