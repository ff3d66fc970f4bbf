/** Messages that need not be kept, on their way out: those of one topic travel together, and none waits long. */
import type { TopicClass } from '../../contracts/index.ts';
import { EsperError } from '../../contracts/index.ts';
import type { Clock, Log, Metrics, Transport } from '../../runtime/index.ts';
import { roughBytes } from './measure.ts';
import type { NetworkOptions } from './network-options.ts';
import type { Subjects } from './subjects.ts';
import type { Author, Said } from './wire.ts';

type Numbered = Said & { readonly seq: number };

interface Batch {
  readonly topic: string;
  readonly priority: number;
  readonly class: TopicClass;
  readonly said: Numbered[];
  bytes: number;
}

export interface BatchWorld {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly author: Author;
  readonly subjects: Subjects;
  readonly options: NetworkOptions;
}

export class Batches {
  readonly #world: BatchWorld;
  /** Plain ones by priority, so that the order within one stays; telemetry by topic and priority. */
  readonly #open = new Map<string, Batch>();
  readonly #dropped: Record<TopicClass, number> = { critical: 0, plain: 0, telemetry: 0 };
  #flushAsked = false;
  #cancelFlush: (() => void) | null = null;
  #closed = false;

  constructor(world: BatchWorld) {
    this.#world = world;
  }

  /** Messages let go, by class. */
  get dropped(): Readonly<Record<TopicClass, number>> {
    return { ...this.#dropped };
  }

  /** False when there is no connection: the message is counted and gone. */
  add(topicClass: TopicClass, topic: string, priority: number, said: Said): boolean {
    const { author, transport, options } = this.#world;
    if (this.#closed || !transport.connected) {
      this.#drop(topicClass, 1, 'disconnected');
      return false;
    }
    const key = topicClass === 'telemetry' ? `${priority} ${topic}` : `${priority}`;
    const bytes = roughBytes(said.body, options.batchBytes);
    const batch = this.#batchFor(key, topicClass, topic, priority, bytes);
    batch.said.push({ ...said, seq: author.next() });
    batch.bytes += bytes;
    if (priority === 0 || batch.said.length >= options.batchMessages || batch.bytes >= options.batchBytes) {
      this.#send(key, batch);
    } else {
      this.#flushLater(topicClass);
    }
    return true;
  }

  /** Sends all that waits for company. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    for (const [key, batch] of this.#open) this.#send(key, batch);
  }

  close(): void {
    this.flush();
    this.#closed = true;
  }

  #batchFor(key: string, topicClass: TopicClass, topic: string, priority: number, bytes: number): Batch {
    const { batchBytes } = this.#world.options;
    const open = this.#open.get(key);
    if (open && open.topic === topic && open.bytes + bytes <= batchBytes) return open;
    if (open) this.#send(key, open);
    const batch: Batch = { topic, priority, class: topicClass, said: [], bytes: 0 };
    this.#open.set(key, batch);
    return batch;
  }

  /** What is plain waits for the end of this turn, telemetry a little longer. */
  #flushLater(topicClass: TopicClass): void {
    const { clock, options } = this.#world;
    if (topicClass === 'telemetry') {
      this.#cancelFlush ??= clock.after(options.batchMs, () => this.flush());
      return;
    }
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    clock.soon(() => {
      this.#flushAsked = false;
      for (const [key, batch] of this.#open) if (batch.class !== 'telemetry') this.#send(key, batch);
    });
  }

  #send(key: string, batch: Batch): void {
    this.#open.delete(key);
    const { author, log } = this.#world;
    const { topic, priority, said } = batch;
    try {
      this.#publish(batch, author.pack({ topic, priority, sentMs: this.#world.clock.wallMs() }, said));
    } catch (thrown) {
      if (!(thrown instanceof EsperError)) throw thrown;
      if (said.length > 1) {
        // One of them is no data; the others must not suffer for it.
        for (const one of said) this.#send(key, { ...batch, said: [one] });
        return;
      }
      this.#drop(batch.class, 1, 'unencodable');
      log.write('error', 'a message is no data', { code: thrown.code, topic, message: thrown.message });
    }
  }

  #publish({ topic, priority, said, class: topicClass }: Batch, bytes: Uint8Array): void {
    const { transport, subjects } = this.#world;
    if (transport.publish(subjects.live(topic, priority), bytes)) return;
    this.#drop(topicClass, said.length, transport.connected ? 'too_large' : 'disconnected');
  }

  #drop(topicClass: TopicClass, count: number, why: string): void {
    this.#dropped[topicClass] += count;
    this.#world.metrics.count('esper_bus_dropped_total', count, { class: topicClass, why });
  }
}
