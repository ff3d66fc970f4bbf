/** The bus without time or threads: who gets a copy of what, how often it is tried, and a count that always adds up. */
import type { BusMessage } from '../../runtime/index.ts';
import { type BusCounters, Tally } from './counters.ts';
import { type Copy, Lanes, type Origin } from './lanes.ts';
import type { OonaOptions } from './options.ts';
import { topicMatcher } from './topics.ts';

export interface DeadLetter {
  readonly message: BusMessage;
  readonly reason: string;
  readonly tries: number;
  /** Whom it could not be delivered to. */
  readonly subscriber: number;
  readonly queue: string | null;
  /** UTC milliseconds. */
  readonly diedMs: number;
}

/** How a message reaches one subscriber. */
export interface Offer {
  /** When nobody wants it any more, monotonic milliseconds. */
  readonly dueMs?: number;
  readonly origin?: Origin;
}

export interface SubscriberOptions {
  readonly queue?: string;
}

interface Subscriber {
  readonly pattern: string;
  readonly queue: string | null;
  /** Queue and pattern; null for one who shares with nobody. */
  readonly crew: string | null;
  readonly hears: (topic: string) => boolean;
  readonly limit: number;
  readonly lanes: Lanes;
  /** Taken, not settled yet; a copy that waits for its next try is one of them. */
  readonly outstanding: Set<Copy>;
  /** Copies it was ever given: of two equally busy members of a crew, the one with fewer is next. */
  given: number;
  gone: boolean;
}

/** Milliseconds between two tries at most. */
const SLOWEST_MS = 5_000;

export class BusCore {
  readonly #subscribers = new Map<number, Subscriber>();
  readonly #dead: DeadLetter[] = [];
  readonly #tally = new Tally();
  readonly #options: OonaOptions;
  readonly #wallMs: () => number;
  #next = 1;

  /** @param wallMs when a message died, in UTC milliseconds, for people */
  constructor(options: OonaOptions, wallMs: () => number = () => 0) {
    this.#options = options;
    this.#wallMs = wallMs;
  }

  /** @returns the number by which the subscriber takes its copies */
  subscribe(pattern: string, { queue }: SubscriberOptions = {}): number {
    const { queueLimits, defaultLimit, ageingMs } = this.#options;
    const rule = queueLimits.find((one) => one.pattern === pattern || topicMatcher(one.pattern)(pattern));
    this.#subscribers.set(this.#next, {
      pattern,
      queue: queue ?? null,
      crew: queue === undefined ? null : `${queue} ${pattern}`,
      hears: topicMatcher(pattern),
      limit: rule?.limit ?? defaultLimit,
      lanes: new Lanes(ageingMs),
      outstanding: new Set(),
      given: 0,
      gone: false,
    });
    return this.#next++;
  }

  /** What still waits goes back to where it came from, or is dead with a reason; what is being handled may finish. @returns the copies that died */
  unsubscribe(subscriber: number): readonly DeadLetter[] {
    const held = this.#subscribers.get(subscriber);
    if (!held || held.gone) return [];
    held.gone = true;
    const letters: DeadLetter[] = [];
    for (const copy of held.lanes.drain()) {
      const letter = this.#leave(copy);
      if (letter) letters.push(letter);
    }
    if (held.outstanding.size === 0) this.#subscribers.delete(subscriber);
    return letters;
  }

  /** Queues a copy for each subscriber that hears the topic, one for each crew. `shed` when one of these copies found no room. */
  publish(
    message: BusMessage,
    nowMs: number,
    dueMs?: number,
  ): { readonly to: readonly number[]; readonly shed: boolean } {
    const to: number[] = [];
    let shed = false;
    const chosen = this.#whoHears(message.topic);
    for (const number of chosen) {
      if (this.offer(number, message, nowMs, dueMs === undefined ? {} : { dueMs })) to.push(number);
      else shed = true;
    }
    if (chosen.length === 0) this.#tally.unheard++;
    return { to, shed };
  }

  /** Queues a copy for one subscriber. False when it found no room, or nobody of that number is there. */
  offer(subscriber: number, message: BusMessage, nowMs: number, how: Offer = {}): boolean {
    const held = this.#subscribers.get(subscriber);
    if (!held || held.gone) return false;
    this.#tally.published++;
    held.given++;
    const { dueMs = Number.POSITIVE_INFINITY, origin = null } = how;
    // Whoever keeps a message bounds by himself how many he hands out.
    if (origin === null && !this.#hasRoom(held, message)) {
      this.#tally.shed(message.priority);
      return false;
    }
    held.lanes.push({ message, subscriber, dueMs, origin, tries: 0, sinceMs: nowMs }, nowMs);
    return true;
  }

  /** The next copy for a subscriber. It stays counted as queued until `succeeded` or `failed` settles it. */
  take(subscriber: number, nowMs: number): Copy | undefined {
    const held = this.#subscribers.get(subscriber);
    if (!held) return undefined;
    for (let copy = held.lanes.take(nowMs); copy; copy = held.lanes.take(nowMs)) {
      if (copy.dueMs > nowMs) {
        copy.tries++;
        held.outstanding.add(copy);
        return copy;
      }
      this.#tally.stale++;
      copy.origin?.done();
    }
    return undefined;
  }

  succeeded(copy: Copy): void {
    if (!this.#settle(copy)) return;
    this.#tally.handled++;
    copy.origin?.done();
  }

  /**
   * A number is the wait in ms before `again`; a letter says that this was the last try; null that the copy went back.
   * @param why `final` when another try cannot help; `away` when whoever should do it could not be reached: what a broker
   * keeps outlasts that, for as long as nodes may take to come back; `stuck` when its handler will never say: what a broker
   * keeps is for somebody else then
   */
  failed(
    copy: Copy,
    reason: string,
    why: 'final' | 'away' | 'again' | 'stuck' = 'again',
  ): number | DeadLetter | null {
    const final = why === 'final';
    const held = this.#subscribers.get(copy.subscriber);
    const { tries, awayTries, retryAfterMs } = this.#options;
    if (why === 'stuck' && copy.origin) return this.#settle(copy) ? this.#leave(copy) : null;
    const most = why === 'away' && copy.origin ? awayTries : tries;
    if (!final && held && !held.gone && copy.tries < most)
      return Math.min(retryAfterMs * 2 ** (copy.tries - 1), SLOWEST_MS);
    const gone = held?.gone ?? true;
    if (!this.#settle(copy)) return null;
    return !final && gone && copy.origin ? this.#leave(copy) : this.#bury(copy, reason);
  }

  /** Puts a copy back in line for its next try. @returns a letter when its subscriber has left meanwhile */
  again(copy: Copy, nowMs: number): DeadLetter | null {
    const held = this.#subscribers.get(copy.subscriber);
    if (!held?.outstanding.has(copy)) return null;
    if (held.gone) return this.#settle(copy) ? this.#leave(copy) : null;
    held.outstanding.delete(copy);
    held.lanes.push(copy, nowMs);
    return null;
  }

  /** What waits for one subscriber. */
  waiting(subscriber: number): number {
    return this.#subscribers.get(subscriber)?.lanes.size ?? 0;
  }

  counters(): BusCounters {
    let queued = 0;
    for (const { lanes, outstanding } of this.#subscribers.values()) queued += lanes.size + outstanding.size;
    return this.#tally.counters(queued);
  }

  /** The newest dead letters, oldest first. */
  deadLetters(): readonly DeadLetter[] {
    return [...this.#dead];
  }

  #whoHears(topic: string): readonly number[] {
    const chosen: number[] = [];
    let crews: Map<string, number> | null = null;
    for (const [number, subscriber] of this.#subscribers) {
      if (subscriber.gone || !subscriber.hears(topic)) continue;
      if (subscriber.crew === null) chosen.push(number);
      else {
        crews ??= new Map();
        const rival = this.#subscribers.get(crews.get(subscriber.crew) ?? 0);
        if (!rival || comesBefore(subscriber, rival)) crews.set(subscriber.crew, number);
      }
    }
    return crews ? [...chosen, ...crews.values()] : chosen;
  }

  #hasRoom(subscriber: Subscriber, message: BusMessage): boolean {
    if (busyness(subscriber) < subscriber.limit) return true;
    const victim = subscriber.lanes.yieldTo(message.priority);
    if (victim) this.#tally.shed(victim.message.priority);
    return victim !== undefined || message.priority <= 0;
  }

  #settle(copy: Copy): boolean {
    const held = this.#subscribers.get(copy.subscriber);
    const first = held?.outstanding.delete(copy) ?? false;
    if (held?.gone && held.outstanding.size === 0) this.#subscribers.delete(copy.subscriber);
    return first;
  }

  /** Its subscriber has left: whoever keeps the message gets it back, and one that nobody keeps is dead. */
  #leave(copy: Copy): DeadLetter | null {
    if (!copy.origin) return this.#bury(copy, 'unsubscribed');
    this.#tally.returned++;
    copy.origin.back();
    return null;
  }

  #bury(copy: Copy, reason: string): DeadLetter {
    const { message, tries, subscriber, origin } = copy;
    const queue = this.#subscribers.get(subscriber)?.queue ?? null;
    const letter = { message, reason, tries, subscriber, queue, diedMs: this.#wallMs() };
    this.#tally.dead++;
    this.#dead.push(letter);
    if (this.#dead.length > this.#options.deadLettersKept) this.#dead.shift();
    origin?.died(reason, tries);
    return letter;
  }
}

const busyness = ({ lanes, outstanding }: Subscriber): number => lanes.size + outstanding.size;

const comesBefore = (one: Subscriber, other: Subscriber): boolean =>
  busyness(one) < busyness(other) || (busyness(one) === busyness(other) && one.given < other.given);
