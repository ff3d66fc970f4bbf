/** Streams over JetStream: kept on the server's disk, each id stored once for a while, handed out until settled. */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type Lister,
  nanos,
  type StoredMsg,
} from 'nats';
import { EsperError } from '../../../contracts/failure.ts';
import { streamMisfit } from '../../ports/stream-errors.ts';
import type {
  Backlog,
  ConsumerBacklog,
  ConsumerSpec,
  Consuming,
  Delivery,
  Stored,
  StreamSpec,
  Streams,
} from '../../ports/streams.ts';
import { subjectMatches } from '../memory/subject.ts';
import { bornStream } from './born-stream.ts';
import type { Connection } from './connection.ts';
import { type Consumer, Consumption } from './consumption.ts';
import { recordOf } from './headers.ts';
import { plainBytes } from './plain-bytes.ts';
import { puback } from './puback.ts';
import { NO_CONSUMER, NO_MESSAGE, NO_STREAM, orNone, sorted } from './request-failed.ts';
import { changedLimits, configOf, isMisfit } from './stream-config.ts';
import { streamError } from './stream-errors.ts';

const ID_HEADER = 'Nats-Msg-Id';
/** Of all clients of one consumer together; each takes no more than its own credit. */
const UNSETTLED_MOST = 10_000;

/** Milliseconds until the server lets go of a counter that nobody took away. */
const COUNTER_MS = 5_000;

export function natsStreams(connection: Connection): Streams {
  return new JetStreams(connection);
}

class JetStreams implements Streams {
  readonly #connection: Connection;
  /** What was asked for, to make it anew on a server that has lost it. */
  readonly #specs = new Map<string, StreamSpec>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async ensure(spec: StreamSpec): Promise<void> {
    const config = configOf(spec);
    await this.#explained(spec.name, async () => {
      const found = await bornStream(this.#connection, spec.name);
      if (found === undefined) {
        await this.#connection.manage(({ streams }) => streams.add(config));
        await bornStream(this.#connection, spec.name);
        return;
      }
      if (isMisfit(config, found.config))
        throw streamMisfit(spec.name, 'it keeps other subjects, or keeps them otherwise');
      const changed = changedLimits(config, found.config);
      if (changed !== null)
        await this.#connection.manage(({ streams }) => streams.update(spec.name, changed));
    });
    this.#specs.set(spec.name, spec);
  }

  async publish(
    subject: string,
    bytes: Uint8Array,
    { id, headers }: { readonly id: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly sequence: number; readonly duplicate: boolean }> {
    const store = async () => {
      const answer = await this.#connection.ask(subject, bytes, { headers: { ...headers, [ID_HEADER]: id } });
      const { seq, duplicate = false } = puback(answer.data);
      return { sequence: seq, duplicate };
    };
    return this.#explained(subject, async () => {
      try {
        return await store();
      } catch (thrown) {
        const lost = [...this.#specs.values()].find(({ subjects }) =>
          subjects.some((pattern) => subjectMatches(pattern, subject)),
        );
        if (sorted(thrown).trouble !== 'nobody' || lost === undefined) throw thrown;
        await this.ensure(lost);
        return await store();
      }
    });
  }

  async consume(
    stream: string,
    spec: ConsumerSpec,
    handle: (delivery: Delivery) => void,
  ): Promise<Consuming> {
    const restore = () => this.#explained(stream, () => this.#makeConsumer(stream, spec));
    const consumer = await restore();
    return new Consumption({ connection: this.#connection, stream, spec, handle, consumer, restore });
  }

  async forget(stream: string, durable: string): Promise<void> {
    await this.#explained(stream, () =>
      this.#connection.manage(({ consumers }) => orNone(NO_CONSUMER, consumers.delete(stream, durable))),
    );
  }

  async read(stream: string, { from, limit }: { readonly from: number; readonly limit: number }) {
    const found: Stored[] = [];
    await this.#explained(stream, async () => {
      await bornStream(this.#connection, stream);
      let seq = Math.max(1, from);
      while (found.length < limit) {
        const next = { seq, next_by_subj: '>' };
        const message = await this.#connection.manage(({ streams }) =>
          orNone(NO_MESSAGE, streams.getMessage(stream, next)),
        );
        if (message === undefined) return;
        found.push(storedOf(message));
        seq = message.seq + 1;
      }
    });
    return found;
  }

  newest(stream: string, subject: string): Promise<Stored | undefined> {
    return this.#explained(stream, async () => {
      await bornStream(this.#connection, stream);
      const found = await this.#connection.manage(({ streams }) =>
        orNone(NO_MESSAGE, streams.getMessage(stream, { last_by_subj: subject })),
      );
      return found && storedOf(found);
    });
  }

  backlog(stream: string): Promise<Backlog> {
    return this.#explained(stream, async () => {
      const { state } = await this.#connection.manage(({ streams }) => streams.info(stream));
      const consumers: ConsumerBacklog[] = [];
      const pages = await this.#connection.manage(async (manager) => manager.consumers.list(stream));
      for (let page = await this.#next(pages); page.length > 0; page = await this.#next(pages))
        consumers.push(...page.filter(isDurable).map(backlogOf));
      return { first: state.first_seq, last: state.last_seq, consumers };
    });
  }

  /** The server counts for whoever begins to consume; nothing is consumed. */
  count(stream: string, { filter, from }: { readonly filter: string; readonly from: number }) {
    return this.#explained(stream, async () => {
      const counter: Partial<ConsumerConfig> = {
        filter_subject: filter,
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: Math.max(1, from),
        inactive_threshold: nanos(COUNTER_MS),
        mem_storage: true,
      };
      const { name, num_pending } = await this.#connection.manage(({ consumers }) =>
        consumers.add(stream, counter),
      );
      await this.#connection.manage(({ consumers }) => orNone(NO_CONSUMER, consumers.delete(stream, name)));
      return num_pending;
    });
  }

  remove(stream: string, sequence: number): Promise<boolean> {
    return this.#explained(stream, async () => {
      try {
        return await this.#connection.manage(({ streams }) => streams.deleteMessage(stream, sequence, false));
      } catch (thrown) {
        if (NOT_THERE.test(sorted(thrown).message)) return false;
        throw thrown;
      }
    });
  }

  async purge(stream: string): Promise<number> {
    const { purged } = await this.#explained(stream, () =>
      this.#connection.manage(({ streams }) => streams.purge(stream)),
    );
    return purged;
  }

  async size(stream: string): Promise<{ readonly messages: number; readonly bytes: number }> {
    const { state } = await this.#explained(stream, () =>
      this.#connection.manage(({ streams }) => streams.info(stream)),
    );
    return { messages: state.messages, bytes: state.bytes };
  }

  #next(pages: Lister<ConsumerInfo>): Promise<ConsumerInfo[]> {
    return this.#connection.manage(() => pages.next());
  }

  async #makeConsumer(stream: string, spec: ConsumerSpec): Promise<Consumer> {
    const config: Partial<ConsumerConfig> = {
      durable_name: spec.durable,
      filter_subject: spec.filter,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(spec.settleMs),
      deliver_policy: DeliverPolicy.All,
      max_ack_pending: UNSETTLED_MOST,
      max_deliver: -1,
    };
    const lost = this.#specs.get(stream);
    try {
      return await this.#orUpdated(stream, config);
    } catch (thrown) {
      if (sorted(thrown).number !== NO_STREAM || lost === undefined) throw thrown;
      await this.ensure(lost);
      return await this.#orUpdated(stream, config);
    }
  }

  /** A consumer that is there with another time to settle gets the new one. */
  async #orUpdated(stream: string, config: Partial<ConsumerConfig>): Promise<Consumer> {
    const { durable_name = '' } = config;
    const found = await this.#connection.manage(({ consumers }) =>
      orNone(NO_CONSUMER, consumers.info(stream, durable_name)),
    );
    if (found === undefined)
      return consumerOf(await this.#connection.manage(({ consumers }) => consumers.add(stream, config)));
    if (found.config.filter_subject !== config.filter_subject)
      throw streamMisfit(`${stream}/${durable_name}`, 'the consumer takes other subjects');
    if (found.config.ack_wait !== config.ack_wait)
      await this.#connection.manage(({ consumers }) => consumers.update(stream, durable_name, config));
    return consumerOf(found);
  }

  async #explained<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw thrown instanceof EsperError ? thrown : streamError(sorted(thrown), what);
    }
  }
}

/** The server has one number for all that goes wrong when a message is taken away; only its words differ. */
const NOT_THERE = /no message found|deleted message|EOF/;

const storedOf = ({ subject, seq, header, data, time }: StoredMsg): Stored => ({
  subject,
  sequence: seq,
  bytes: plainBytes(data),
  headers: recordOf(header),
  storedMs: time.getTime(),
});

const isDurable = ({ config }: ConsumerInfo): boolean => config.durable_name !== undefined;

const backlogOf = ({ name, created, config, delivered, num_pending }: ConsumerInfo): ConsumerBacklog => ({
  durable: name,
  filter: config.filter_subject ?? '>',
  createdMs: Date.parse(String(created)),
  handedOutTo: delivered.stream_seq,
  handOuts: delivered.consumer_seq,
  unread: num_pending,
});

const consumerOf = ({ created, delivered }: ConsumerInfo): Consumer => ({
  created: String(created),
  handedOutTo: delivered.stream_seq,
});
