/** Brings copies to handlers: the core, driven by a clock, so many at a time per subscriber as it asked for. */
import { toFailure } from '../../contracts/index.ts';
import type { BusMessage, Clock } from '../../runtime/index.ts';
import { BusCore, type DeadLetter, type Offer } from './bus.ts';
import type { BusCounters } from './counters.ts';
import { stuck } from './errors.ts';
import type { Copy } from './lanes.ts';
import type { OonaOptions } from './options.ts';
import { Patience } from './patience.ts';
import { isUndeliverable } from './undeliverable.ts';

export type Handle = (message: BusMessage) => void | Promise<void>;

export interface JoinOptions {
  readonly queue?: string;
  /** Messages the handler may be busy with; default 1. */
  readonly atOnce?: number;
}

interface Desk {
  readonly handle: Handle;
  readonly atOnce: number;
  busy: number;
  /** A turn is asked for or under way. */
  awake: boolean;
}

/**
 * At least once: a copy is done when its handler returned, or its promise resolved; until then it counts as queued.
 * A handler that throws is tried again, unless it throws `Undeliverable`; one that says nothing for `handleMs` is given up,
 * and what it says later counts for nothing. Each subscriber has its own line and waits for nobody else.
 */
export class Deliveries {
  readonly #core: BusCore;
  readonly #desks = new Map<number, Desk>();
  readonly #retries = new Map<Copy, () => void>();
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #handleMs: number;
  readonly #patience: Patience;
  readonly #tell: (letter: DeadLetter) => void;

  /** @param tell hears of every copy that died; it must not throw */
  constructor(clock: Clock, options: OonaOptions, tell: (letter: DeadLetter) => void) {
    this.#clock = clock;
    this.#core = new BusCore(options, () => clock.wallMs());
    this.#burst = options.burst;
    this.#handleMs = options.handleMs;
    this.#patience = new Patience(clock, options.handleMs);
    this.#tell = tell;
  }

  /** @returns the number of the subscriber */
  join(pattern: string, handle: Handle, { atOnce = 1, ...how }: JoinOptions = {}): number {
    const subscriber = this.#core.subscribe(pattern, how);
    this.#desks.set(subscriber, { handle, atOnce, busy: 0, awake: false });
    return subscriber;
  }

  /** What waits goes back to its origin or is dead; what is being handled may finish. */
  leave(subscriber: number): void {
    this.#desks.delete(subscriber);
    for (const letter of this.#core.unsubscribe(subscriber)) this.#tell(letter);
  }

  /** To all who hear the topic. False when one of the copies was shed. */
  publish(message: BusMessage, withinMs?: number): boolean {
    const nowMs = this.#clock.nowMs();
    const due = withinMs === undefined ? undefined : nowMs + withinMs;
    const { to, shed } = this.#core.publish(message, nowMs, due);
    for (const subscriber of to) this.#wake(subscriber);
    return !shed;
  }

  /** To one subscriber. False when there was no room, or it is not there. */
  offer(subscriber: number, message: BusMessage, how: Offer = {}): boolean {
    const taken = this.#core.offer(subscriber, message, this.#clock.nowMs(), how);
    if (taken) this.#wake(subscriber);
    return taken;
  }

  counters(): BusCounters {
    return this.#core.counters();
  }

  deadLetters(): readonly DeadLetter[] {
    return this.#core.deadLetters();
  }

  /** Drops every timer; nothing is delivered afterwards. */
  close(): void {
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    this.#patience.close();
    this.#desks.clear();
  }

  #wake(subscriber: number): void {
    const desk = this.#desks.get(subscriber);
    if (!desk || desk.awake) return;
    desk.awake = true;
    this.#clock.soon(() => this.#serve(subscriber, this.#burst));
  }

  /** Hands over copies until the line is empty, the handler has enough, or others deserve a turn. */
  #serve(subscriber: number, burst: number): void {
    const desk = this.#desks.get(subscriber);
    for (let left = burst; left > 0; left--) {
      // It may have left before its turn, or in its own handler.
      if (!desk || !this.#desks.has(subscriber)) return;
      const copy = desk.busy < desk.atOnce ? this.#core.take(subscriber, this.#clock.nowMs()) : undefined;
      if (!copy) {
        desk.awake = false;
        return;
      }
      this.#deliver(desk, copy, left - 1);
    }
    this.#clock.soon(() => this.#serve(subscriber, burst));
  }

  /** @param left copies this subscriber may still take in this turn */
  #deliver(desk: Desk, copy: Copy, left: number): void {
    try {
      const answer = desk.handle(copy.message);
      if (answer instanceof Promise) this.#await(desk, copy, answer, left);
      else this.#core.succeeded(copy);
    } catch (thrown) {
      this.#failed(copy, thrown);
    }
  }

  #await(desk: Desk, copy: Copy, answer: Promise<void>, left: number): void {
    desk.busy++;
    const next = (burst: number) => {
      desk.busy--;
      if (desk.awake) return;
      desk.awake = true;
      // One after the other without a pause, until others deserve a turn.
      if (burst > 0) this.#serve(copy.subscriber, burst);
      else this.#clock.soon(() => this.#serve(copy.subscriber, this.#burst));
    };
    const inTime = this.#patience.begin(() => {
      this.#failed(copy, stuck(copy.message.topic, this.#handleMs), 'stuck');
      next(0);
    });
    void answer.then(
      () => {
        if (!inTime()) return;
        this.#core.succeeded(copy);
        next(left);
      },
      (thrown: unknown) => {
        if (!inTime()) return;
        this.#failed(copy, thrown);
        next(left);
      },
    );
  }

  #failed(copy: Copy, thrown: unknown, why = reasonOf(thrown)): void {
    const { code, message } = toFailure(thrown);
    const outcome = this.#core.failed(copy, `${code}: ${message}`, why);
    if (outcome === null) return;
    if (typeof outcome !== 'number') {
      this.#tell(outcome);
      return;
    }
    const cancel = this.#clock.after(outcome, () => {
      this.#retries.delete(copy);
      const letter = this.#core.again(copy, this.#clock.nowMs());
      if (letter) this.#tell(letter);
      else this.#wake(copy.subscriber);
    });
    this.#retries.set(copy, cancel);
  }
}

const reasonOf = (thrown: unknown): 'final' | 'away' | 'again' | 'stuck' =>
  isUndeliverable(thrown) ? 'final' : toFailure(thrown).retryable ? 'away' : 'again';
