/** Oona's bus within one process: the core, driven by a clock, one delivery at a time per subscriber. */
import { MessageDied, TOPICS, toFailure } from '../../contracts/index.ts';
import type { Bus, BusMessage, Clock, Ids } from '../../runtime/index.ts';
import { BusCore, type BusCounters, type DeadLetter } from './bus.ts';
import type { Copy } from './lanes.ts';
import { type OonaOptions, oonaOptions } from './options.ts';
import { Undeliverable } from './undeliverable.ts';

type Handle = (message: BusMessage) => void | Promise<void>;

const NORMAL = 2;

/**
 * At least once: a copy is done when its handler returned, or its promise resolved; until then it counts as queued.
 * A handler that throws is tried again, unless it throws `Undeliverable`. Each subscriber has its own line and waits for
 * nobody else.
 */
export class InProcessBus implements Bus {
  readonly #core: BusCore;
  readonly #handlers = new Map<number, Handle>();
  readonly #running = new Set<number>();
  readonly #retries = new Map<Copy, () => void>();
  readonly #ports: { readonly clock: Clock; readonly ids: Ids };
  readonly #burst: number;

  constructor(ports: { readonly clock: Clock; readonly ids: Ids }, options: Partial<OonaOptions> = {}) {
    const all = { ...oonaOptions, ...options };
    this.#ports = ports;
    this.#core = new BusCore(all);
    this.#burst = all.burst;
  }

  publish(topic: string, body: BusMessage['body'], priority = NORMAL): boolean {
    const message = { topic, body, priority, id: this.#ports.ids.next('m') };
    const { to, shed } = this.#core.publish(message, this.#ports.clock.nowMs());
    for (const subscriber of to) this.#wake(subscriber);
    return !shed;
  }

  subscribe(pattern: string, handle: Handle): () => void {
    const subscriber = this.#core.subscribe(pattern);
    this.#handlers.set(subscriber, handle);
    return () => {
      this.#handlers.delete(subscriber);
      for (const letter of this.#core.unsubscribe(subscriber)) this.#tell(letter);
    };
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
    this.#handlers.clear();
  }

  #wake(subscriber: number): void {
    if (this.#running.has(subscriber)) return;
    this.#running.add(subscriber);
    this.#ports.clock.soon(() => this.#serve(subscriber, this.#burst));
  }

  /** Hands over copies until the line is empty, a handler asks for time, or others deserve a turn. */
  #serve(subscriber: number, burst: number): void {
    for (let left = burst; left > 0; left--) {
      const handle = this.#handlers.get(subscriber);
      const copy = handle && this.#core.take(subscriber, this.#ports.clock.nowMs());
      if (!handle || !copy) {
        this.#running.delete(subscriber);
        return;
      }
      if (!this.#deliver(handle, copy, () => this.#serve(subscriber, left - 1))) return;
    }
    this.#ports.clock.soon(() => this.#serve(subscriber, burst));
  }

  /** True when the copy is settled already; else `next` runs once it is. */
  #deliver(handle: Handle, copy: Copy, next: () => void): boolean {
    try {
      const answer = handle(copy.message);
      if (!(answer instanceof Promise)) {
        this.#core.succeeded(copy);
        return true;
      }
      const failed = (thrown: unknown) => this.#failed(copy, thrown);
      answer.then(() => this.#core.succeeded(copy), failed).then(next, next);
      return false;
    } catch (thrown) {
      this.#failed(copy, thrown);
      return true;
    }
  }

  #failed(copy: Copy, thrown: unknown): void {
    const { code, message } = toFailure(thrown);
    const outcome = this.#core.failed(copy, `${code}: ${message}`, thrown instanceof Undeliverable);
    if (outcome === null) return;
    if (typeof outcome !== 'number') {
      this.#tell(outcome);
      return;
    }
    const cancel = this.#ports.clock.after(outcome, () => {
      this.#retries.delete(copy);
      const letter = this.#core.again(copy, this.#ports.clock.nowMs());
      if (letter) this.#tell(letter);
      else this.#wake(copy.subscriber);
    });
    this.#retries.set(copy, cancel);
  }

  /** Says that a message died, so that whoever waits for its effect can stop waiting. The news itself is told once at most. */
  #tell({ message, reason }: DeadLetter): void {
    if (message.topic === TOPICS.messageDied) return;
    const { topic, id, body } = message;
    this.publish(TOPICS.messageDied, MessageDied.of({ topic, messageId: id, reason, body }), 1);
  }
}
