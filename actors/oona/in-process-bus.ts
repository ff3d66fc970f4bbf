/** Oona's bus within one process: everything by reference, nothing waits for a network. */
import { TOPIC_RULES } from '../../contracts/index.ts';
import type {
  Bus,
  BusBody,
  BusMessage,
  Clock,
  Ids,
  PublishOptions,
  SubscribeOptions,
} from '../../runtime/index.ts';
import type { DeadLetter } from './bus.ts';
import type { BusCounters } from './counters.ts';
import { Deliveries, type Handle } from './deliveries.ts';
import { SizeLimits } from './measure.ts';
import { obituary } from './obituary.ts';
import { type OonaOptions, oonaOptions } from './options.ts';
import { type Answerer, Questions } from './questions.ts';
import { said } from './said.ts';
import { TopicClasses } from './topic-classes.ts';
import { checkPattern, checkTopic } from './topics.ts';

export class InProcessBus implements Bus {
  readonly #deliveries: Deliveries;
  readonly #questions: Questions;
  /** What the ids of this bus begin with: chance is slow, and once is enough. */
  readonly #name: string;
  readonly #sizes: SizeLimits;
  readonly #largestBytes: number;
  #said = 0;

  constructor(ports: { readonly clock: Clock; readonly ids: Ids }, options: Partial<OonaOptions> = {}) {
    const all = { ...oonaOptions, ...options };
    this.#name = ports.ids.next('m');
    this.#sizes = new SizeLimits(new TopicClasses(TOPIC_RULES), all);
    this.#largestBytes = all.largestBytes;
    this.#questions = new Questions(ports.clock);
    this.#deliveries = new Deliveries(ports.clock, all, (letter) => this.#tell(letter));
  }

  publish(topic: string, body: BusBody, options: number | PublishOptions = {}): boolean {
    const { withinMs, priority, id } = said(options);
    return this.#deliveries.publish(this.#message(topic, body, priority, id), withinMs);
  }

  subscribe(pattern: string, handle: Handle, { queue, atOnce }: SubscribeOptions = {}): () => void {
    checkPattern(pattern);
    const subscriber = this.#deliveries.join(pattern, handle, {
      ...(queue === undefined ? {} : { queue }),
      ...(atOnce === undefined ? {} : { atOnce }),
    });
    return () => this.#deliveries.leave(subscriber);
  }

  async request(topic: string, body: BusBody, { withinMs }: { readonly withinMs: number }): Promise<BusBody> {
    return this.#questions.ask(this.#message(topic, body), withinMs);
  }

  respond(pattern: string, handle: Answerer, { queue }: { readonly queue?: string } = {}): () => void {
    checkPattern(pattern);
    return this.#questions.respond(pattern, handle, queue);
  }

  counters(): BusCounters {
    return this.#deliveries.counters();
  }

  deadLetters(): readonly DeadLetter[] {
    return this.#deliveries.deadLetters();
  }

  /** Drops every timer; nothing is delivered afterwards. */
  close(): void {
    this.#deliveries.close();
    this.#questions.close();
  }

  #message(topic: string, body: BusBody, priority = 2, id = `${this.#name}.${++this.#said}`): BusMessage {
    checkTopic(topic);
    this.#sizes.check(topic, body);
    return { topic, body, priority, id };
  }

  #tell(letter: DeadLetter): void {
    const news = obituary(letter, this.#largestBytes);
    if (news) this.publish(news.topic, news.body, 1);
  }
}
