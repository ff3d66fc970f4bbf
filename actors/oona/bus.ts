/** The bus without time or threads: who gets a copy of what, how often it is tried, and a count that always adds up. */
import type { BusMessage } from '../../runtime/index.ts';
import { type Copy, Lanes } from './lanes.ts';
import type { OonaOptions } from './options.ts';
import { topicMatcher } from './topics.ts';

/** Copies, one per subscriber that matched. INV: published = handled + shed + queued + dead, after every call. */
export interface BusCounters {
  readonly published: number;
  readonly handled: number;
  readonly shed: number;
  readonly queued: number;
  readonly dead: number;
  /** Messages, not copies, that no subscriber matched. */
  readonly unheard: number;
  readonly shedByPriority: readonly number[];
}

export interface DeadLetter {
  readonly message: BusMessage;
  readonly reason: string;
  readonly tries: number;
}

interface Subscriber {
  readonly pattern: string;
  readonly hears: (topic: string) => boolean;
  readonly limit: number;
  readonly lanes: Lanes;
  /** Taken, not settled yet; a copy that waits for its next try is one of them. */
  readonly outstanding: Set<Copy>;
  gone: boolean;
}

export class BusCore {
  readonly #subscribers = new Map<number, Subscriber>();
  readonly #dead: DeadLetter[] = [];
  readonly #shedByPriority = [0, 0, 0, 0, 0];
  readonly #options: OonaOptions;
  #next = 1;
  #published = 0;
  #handled = 0;
  #deadCount = 0;
  #unheard = 0;

  constructor(options: OonaOptions) {
    this.#options = options;
  }

  /** @returns the number by which the subscriber takes its copies */
  subscribe(pattern: string): number {
    const { queueLimits, defaultLimit, ageingMs } = this.#options;
    const limit = queueLimits.find((rule) => rule.pattern === pattern || topicMatcher(rule.pattern)(pattern));
    this.#subscribers.set(this.#next, {
      pattern,
      hears: topicMatcher(pattern),
      limit: limit?.limit ?? defaultLimit,
      lanes: new Lanes(ageingMs),
      outstanding: new Set(),
      gone: false,
    });
    return this.#next++;
  }

  /** What still waits is dead, with a reason; what is being handled may finish. @returns the copies that died */
  unsubscribe(subscriber: number): readonly DeadLetter[] {
    const held = this.#subscribers.get(subscriber);
    if (!held || held.gone) return [];
    held.gone = true;
    const letters = held.lanes.drain().map((copy) => this.#bury(copy, 'unsubscribed'));
    if (held.outstanding.size === 0) this.#subscribers.delete(subscriber);
    return letters;
  }

  /** Queues a copy for each subscriber that hears the topic. `shed` when one of these copies found no room. */
  publish(message: BusMessage, nowMs: number): { readonly to: readonly number[]; readonly shed: boolean } {
    const to: number[] = [];
    let shed = false;
    let heard = false;
    for (const [number, subscriber] of this.#subscribers) {
      if (subscriber.gone || !subscriber.hears(message.topic)) continue;
      heard = true;
      this.#published++;
      if (this.#hasRoom(subscriber, message)) {
        subscriber.lanes.push({ message, subscriber: number, tries: 0, sinceMs: nowMs }, nowMs);
        to.push(number);
      } else {
        this.#shed(message);
        shed = true;
      }
    }
    if (!heard) this.#unheard++;
    return { to, shed };
  }

  /** The next copy for a subscriber. It stays counted as queued until `succeeded` or `failed` settles it. */
  take(subscriber: number, nowMs: number): Copy | undefined {
    const held = this.#subscribers.get(subscriber);
    const copy = held?.lanes.take(nowMs);
    if (!held || !copy) return undefined;
    copy.tries++;
    held.outstanding.add(copy);
    return copy;
  }

  succeeded(copy: Copy): void {
    if (this.#settle(copy)) this.#handled++;
  }

  /**
   * A number is the wait in ms before `again`; a letter says that this was the last try.
   * @param final when another try cannot help
   */
  failed(copy: Copy, reason: string, final = false): number | DeadLetter | null {
    const held = this.#subscribers.get(copy.subscriber);
    const { tries, retryAfterMs } = this.#options;
    if (!final && held && !held.gone && copy.tries < tries) return retryAfterMs * 2 ** (copy.tries - 1);
    return this.#settle(copy) ? this.#bury(copy, reason) : null;
  }

  /** Puts a copy back in line for its next try. @returns a letter when its subscriber has left meanwhile */
  again(copy: Copy, nowMs: number): DeadLetter | null {
    const held = this.#subscribers.get(copy.subscriber);
    if (!held?.outstanding.has(copy)) return null;
    if (held.gone) return this.#settle(copy) ? this.#bury(copy, 'unsubscribed') : null;
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
    return {
      published: this.#published,
      handled: this.#handled,
      shed: this.#shedByPriority.reduce((sum, n) => sum + n, 0),
      queued,
      dead: this.#deadCount,
      unheard: this.#unheard,
      shedByPriority: [...this.#shedByPriority],
    };
  }

  /** The newest dead letters, oldest first. */
  deadLetters(): readonly DeadLetter[] {
    return [...this.#dead];
  }

  #hasRoom(subscriber: Subscriber, message: BusMessage): boolean {
    if (subscriber.lanes.size + subscriber.outstanding.size < subscriber.limit) return true;
    const victim = subscriber.lanes.yieldTo(message.priority);
    if (victim) this.#shed(victim.message);
    return victim !== undefined || message.priority <= 0;
  }

  #shed({ priority }: BusMessage): void {
    const kind = Math.min(Math.max(Math.trunc(priority), 0), 4);
    this.#shedByPriority[kind] = (this.#shedByPriority[kind] ?? 0) + 1;
  }

  #settle(copy: Copy): boolean {
    const held = this.#subscribers.get(copy.subscriber);
    const first = held?.outstanding.delete(copy) ?? false;
    if (held?.gone && held.outstanding.size === 0) this.#subscribers.delete(copy.subscriber);
    return first;
  }

  #bury(copy: Copy, reason: string): DeadLetter {
    const letter = { message: copy.message, reason, tries: copy.tries };
    this.#deadCount++;
    this.#dead.push(letter);
    if (this.#dead.length > this.#options.deadLettersKept) this.#dead.shift();
    return letter;
  }
}
