/** A stream store in memory, seen over roads that delay and lose: the model of JetStream behind a network. */
import type { Clock } from '../../ports/clock.ts';
import { streamMisfit, streamNone, streamsUnreachable, streamTooLarge } from '../../ports/stream-errors.ts';
import type { ConsumerSpec, Delivery, Stored, StreamSpec, Streams } from '../../ports/streams.ts';
import { asked, type Road } from './road.ts';
import { StreamConsumer } from './stream-consumer.ts';
import { StreamLog } from './stream-log.ts';
import { StreamTaker } from './stream-taker.ts';

interface Kept {
  readonly log: StreamLog;
  readonly consumers: Map<string, StreamConsumer>;
}

export interface StreamStore {
  /** The store as one client sees it. @param withinMs how long it waits for an answer, default 1,500 */
  view(road: Road, withinMs?: number): Streams;
  /** Messages go out again to whoever can be reached again. */
  pump(): void;
  /** Forgets what was stored in the last so many milliseconds. */
  loseLast(ms: number): void;
  /** What is really in a stream, oldest first. */
  entries(stream: string): readonly Stored[];
}

/** Its contents outlive a restart of whatever serves it. @param maxBytes of one message */
export function memoryStreams(clock: Clock, maxBytes: number): StreamStore {
  const byName = new Map<string, Kept>();
  return {
    view: (road, withinMs = 1_500) => new View({ clock, maxBytes, byName, road, withinMs }),
    pump() {
      for (const { consumers } of byName.values()) for (const consumer of consumers.values()) consumer.pump();
    },
    loseLast(ms) {
      for (const { log, consumers } of byName.values()) {
        const last = log.loseLast(ms);
        for (const consumer of consumers.values()) consumer.rewind(last);
      }
    },
    entries: (stream) => [...(byName.get(stream)?.log.kept.values() ?? [])].map(copied),
  };
}

interface ViewParts {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly byName: Map<string, Kept>;
  readonly road: Road;
  readonly withinMs: number;
}

class View implements Streams {
  readonly #parts: ViewParts;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  ensure(spec: StreamSpec): Promise<void> {
    const { byName, clock } = this.#parts;
    return this.#ask(spec.name, () => {
      const found = byName.get(spec.name);
      for (const { log } of byName.values()) {
        if (
          log.spec.name !== spec.name &&
          log.spec.subjects.some((subject) => spec.subjects.includes(subject))
        ) {
          throw streamMisfit(spec.name, `${log.spec.name} keeps the same subjects`);
        }
      }
      if (found === undefined) {
        byName.set(spec.name, { log: new StreamLog(spec, clock), consumers: new Map() });
      } else if (isOther(found.log.spec, spec)) {
        throw streamMisfit(spec.name, 'it keeps other subjects, or keeps them otherwise');
      } else {
        found.log.spec = spec;
      }
    });
  }

  async publish(
    subject: string,
    bytes: Uint8Array,
    { id, headers = {} }: { readonly id: string; readonly headers?: Readonly<Record<string, string>> },
  ) {
    const { byName, maxBytes } = this.#parts;
    if (bytes.length > maxBytes) throw streamTooLarge(subject);
    const own = { subject, bytes: bytes.slice(), headers: { ...headers } };
    return this.#ask(subject, () => {
      const kept = [...byName.values()].find(({ log }) => log.keeps(subject));
      if (kept === undefined) throw streamNone(subject);
      const answer = kept.log.add(own, id);
      for (const consumer of kept.consumers.values()) consumer.pump();
      return answer;
    });
  }

  async consume(stream: string, spec: ConsumerSpec, handle: (delivery: Delivery) => void) {
    const { clock, road } = this.#parts;
    const consumer = await this.#ask(stream, () => {
      const { log, consumers } = this.#kept(stream);
      const found = consumers.get(spec.durable);
      if (found === undefined) {
        const others = [...consumers.values()].filter(
          (other) => log.spec.keeps === 'work' && mayMeet(other.spec, spec),
        );
        if (others.length > 0) throw streamMisfit(stream, 'another consumer takes the same work');
        const made = new StreamConsumer(spec, log, clock);
        consumers.set(spec.durable, made);
        return made;
      }
      if (found.spec.filter !== spec.filter) throw streamMisfit(stream, 'the consumer takes other subjects');
      found.spec = spec;
      return found;
    });
    const taker = new StreamTaker({ clock, road, consumer, handle, atOnce: spec.atOnce });
    consumer.join(taker);
    return taker;
  }

  forget(stream: string, durable: string): Promise<void> {
    return this.#ask(stream, () => {
      const { consumers } = this.#kept(stream);
      consumers.get(durable)?.end();
      consumers.delete(durable);
    });
  }

  read(stream: string, { from, limit }: { readonly from: number; readonly limit: number }) {
    return this.#ask(stream, () =>
      [...this.#kept(stream).log.kept.values()]
        .filter(({ sequence }) => sequence >= from)
        .slice(0, limit)
        .map(copied),
    );
  }

  newest(stream: string, subject: string) {
    return this.#ask(stream, () => {
      const found = [...this.#kept(stream).log.kept.values()].findLast((one) => one.subject === subject);
      return found && copied(found);
    });
  }

  backlog(stream: string) {
    return this.#ask(stream, () => {
      const { log, consumers } = this.#kept(stream);
      return {
        first: log.first,
        last: log.last,
        consumers: [...consumers.values()].map((one) => one.backlog()),
      };
    });
  }

  count(stream: string, { filter, from }: { readonly filter: string; readonly from: number }) {
    return this.#ask(stream, () => this.#kept(stream).log.count(filter, from));
  }

  remove(stream: string, sequence: number): Promise<boolean> {
    return this.#ask(stream, () => this.#kept(stream).log.remove(sequence));
  }

  purge(stream: string): Promise<number> {
    return this.#ask(stream, () => {
      const { log } = this.#kept(stream);
      const all = [...log.kept.keys()];
      for (const sequence of all) log.remove(sequence);
      return all.length;
    });
  }

  size(stream: string) {
    return this.#ask(stream, () => {
      const { kept, bytes } = this.#kept(stream).log;
      return { messages: kept.size, bytes };
    });
  }

  #kept(stream: string): Kept {
    const kept = this.#parts.byName.get(stream);
    if (kept === undefined) throw streamNone(stream);
    kept.log.forgetOld();
    return kept;
  }

  #ask<T>(what: string, work: () => T): Promise<T> {
    const { road, clock, withinMs } = this.#parts;
    return asked(road, clock, withinMs, work, () =>
      streamsUnreachable(what, `no answer within ${withinMs} ms`),
    );
  }
}

const copied = (message: Stored): Stored => ({
  ...message,
  bytes: message.bytes.slice(),
  headers: { ...message.headers },
});

const isOther = (found: StreamSpec, wanted: StreamSpec): boolean =>
  found.keeps !== wanted.keeps ||
  [...found.subjects].sort().join(' ') !== [...wanted.subjects].sort().join(' ');

/** Could one subject fall under both filters? */
function mayMeet({ filter: one }: ConsumerSpec, { filter: other }: ConsumerSpec): boolean {
  const [mine, theirs] = [one.split('.'), other.split('.')];
  for (let i = 0; i < Math.max(mine.length, theirs.length); i++) {
    if (mine[i] === '>' || theirs[i] === '>') return true;
    const [a, b] = [mine[i], theirs[i]];
    if (a === undefined || b === undefined || (a !== b && a !== '*' && b !== '*')) return false;
  }
  return true;
}
