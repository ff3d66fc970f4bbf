/** One queue on one pattern of critical topics: five durable consumers, and every message back to the broker when it was dealt with. */
import { toFailure } from '../../contracts/index.ts';
import type {
  ArtifactStore,
  BusMessage,
  Clock,
  Consuming,
  Delivery,
  Log,
  Metrics,
  Streams,
} from '../../runtime/index.ts';
import type { Offer } from './bus.ts';
import { Dock } from './dock.ts';
import { laneOf, PRIORITIES } from './lanes.ts';
import { keyOf } from './message-key.ts';
import type { NetworkOptions } from './network-options.ts';
import type { Seen } from './seen.ts';
import { durableName, type Subjects } from './subjects.ts';
import { type OpenedParcel, open } from './wire.ts';

export interface KeptWorld {
  readonly streams: Streams;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly subjects: Subjects;
  readonly options: NetworkOptions;
  /** Puts it into the line of the subscriber. False when that one has left. */
  offer(message: BusMessage, how: Offer): boolean;
  /** Keeps a dead letter; false when there is no room for it now. `kept`: it is safe. */
  bury(message: BusMessage, reason: string, tries: number, kept: () => void): boolean;
}

export interface KeptSpec {
  readonly pattern: string;
  readonly queue: string;
  readonly credits: number;
  readonly seen: Seen;
}

/** Milliseconds until a broker that could not be reached is asked again. */
const AGAIN_MS = 1_000;

export class KeptSubscription {
  readonly #world: KeptWorld;
  readonly #spec: KeptSpec;
  readonly #consuming = new Set<Consuming>();
  /** Handed out and not settled, by key; the same message may have been handed out twice. */
  readonly #unsettled = new Map<string, Delivery[]>();
  /** By priority: an urgent message waits for no large one below it. */
  readonly #docks: readonly Dock[];
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(world: KeptWorld, spec: KeptSpec) {
    this.#world = world;
    this.#spec = spec;
    this.#docks = PRIORITIES.map(() => new Dock(world.artifacts));
    for (const priority of PRIORITIES) void this.#consume(priority);
    this.#keepWorking();
  }

  /** Takes no more. Whoever handles something may finish; what waits has been given back by the line. */
  async stop(withinMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await Promise.all([...this.#consuming].map((one) => one.stop(withinMs)));
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  async #consume(priority: number): Promise<void> {
    const { streams, subjects, options, log } = this.#world;
    const { pattern, queue, credits } = this.#spec;
    const spec = {
      durable: durableName(queue, pattern, priority),
      filter: subjects.kept(pattern, priority),
      settleMs: options.settleMs,
      atOnce: credits,
    };
    try {
      const consuming = await streams.consume(subjects.jobs, spec, (delivery) => this.#arrived(delivery));
      if (this.#stopped) await consuming.stop(0);
      else this.#consuming.add(consuming);
    } catch (thrown) {
      const { code, message } = toFailure(thrown);
      log.write('warn', 'a queue waits for the broker', { code, queue, pattern, message });
      if (!this.#stopped) this.#later(AGAIN_MS, () => void this.#consume(priority));
    }
  }

  #arrived(delivery: Delivery): void {
    const { metrics, log, options } = this.#world;
    const parcel = open(delivery.bytes);
    const why = typeof parcel === 'string' ? parcel : this.#misfit(parcel, delivery);
    const first = typeof parcel === 'string' ? undefined : parcel.said[0];
    if (typeof parcel === 'string' || first === undefined || why !== null) {
      metrics.count('esper_bus_refused_total', 1, { why: why ?? 'contract' });
      log.write('error', 'something kept is no message', {
        code: 'OONA_REFUSED',
        why,
        subject: delivery.subject,
      });
      delivery.never();
      return;
    }
    const { message } = first;
    const key = keyOf(message);
    if (this.#stopped) delivery.again(0);
    else if (parcel.only !== undefined && parcel.only !== this.#spec.queue) delivery.done();
    else if (this.#spec.seen.has(key)) this.#isDouble(delivery);
    else if (this.#unsettled.has(key)) this.#unsettled.get(key)?.push(delivery);
    else if (delivery.tries > options.handouts) this.#giveUp(message, delivery);
    else this.#hand(message, delivery, dueOf(parcel.sentMs, first.leftMs, this.#world.clock));
  }

  #isDouble(delivery: Delivery): void {
    this.#world.metrics.count('esper_bus_duplicates_total');
    delivery.done();
  }

  /** What is kept is settled as a whole, so it is one message, and stands where it says. */
  #misfit({ topic, priority, said }: OpenedParcel, { subject }: Delivery): string | null {
    if (subject !== this.#world.subjects.kept(topic, priority)) return 'subject';
    return said.length === 1 ? null : 'contract';
  }

  #hand(message: BusMessage, delivery: Delivery, dueMs: number): void {
    const key = keyOf(message);
    this.#unsettled.set(key, [delivery]);
    const origin = {
      done: () => {
        this.#spec.seen.add(key);
        this.#settle(key, (one) => one.done());
      },
      back: () => this.#settle(key, (one) => one.again(0)),
      died: (reason: string, tries: number) => this.#died(message, reason, tries),
    };
    const hand = (whole: BusMessage) => {
      if (!this.#world.offer(whole, { dueMs, origin })) origin.back();
    };
    this.#docks[laneOf(message.priority)]?.take(message, hand, (thrown) =>
      this.#notFetched(message, delivery, thrown),
    );
  }

  /** Its artifact may come, or come again: somebody tries once more, as often as anything is handed out. */
  #notFetched(message: BusMessage, { tries }: Delivery, thrown: unknown): void {
    const { metrics, log } = this.#world;
    const { code, message: text, retryable } = toFailure(thrown);
    const { topic, id } = message;
    metrics.count('esper_bus_refused_total', 1, { why: 'artifact' });
    log.write('warn', 'a large message cannot be fetched', { code, topic, id, tries, message: text });
    if (retryable) this.#settle(keyOf(message), (one) => one.again(AGAIN_MS));
    else this.#died(message, `${code}: ${text}`, tries);
  }

  #died(message: BusMessage, reason: string, tries: number): void {
    const key = keyOf(message);
    const kept = this.#world.bury(message, reason, tries, () => {
      this.#settle(key, (one) => one.never());
    });
    if (!kept) this.#settle(key, (one) => one.again(AGAIN_MS));
  }

  /** Whoever had it died each time: it is not handed to anybody here. */
  #giveUp(message: BusMessage, delivery: Delivery): void {
    this.#unsettled.set(keyOf(message), [delivery]);
    this.#died(message, `OONA_UNDELIVERABLE: handed out ${delivery.tries - 1} times`, delivery.tries - 1);
  }

  #settle(id: string, how: (delivery: Delivery) => void): void {
    for (const delivery of this.#unsettled.get(id) ?? []) how(delivery);
    this.#unsettled.delete(id);
  }

  /** What waits in a line here or is being handled is not lost: the broker shall not give it to others meanwhile. */
  #keepWorking(): void {
    this.#later(this.#world.options.settleMs / 3, () => {
      for (const deliveries of this.#unsettled.values()) for (const one of deliveries) one.working();
      this.#keepWorking();
    });
  }

  #later(delayMs: number, fire: () => void): void {
    const cancel = this.#world.clock.after(delayMs, () => {
      this.#cancels.delete(cancel);
      fire();
    });
    this.#cancels.add(cancel);
  }
}

/** A kept message is as old as both wall clocks say: no other clock was there all the time. */
function dueOf(sentMs: number, leftMs: number | undefined, clock: Clock): number {
  if (leftMs === undefined) return Number.POSITIVE_INFINITY;
  return clock.nowMs() + leftMs - Math.max(0, clock.wallMs() - sentMs);
}
