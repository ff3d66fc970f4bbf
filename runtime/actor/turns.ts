/** The loop of one actor: one message at a time, decide, evolve, reply; a throw is handed to whoever owns the loop. */
import assert from 'node:assert/strict';
import type { Refusal } from '../../contracts/failure.ts';
import { isPromise } from '../maybe.ts';
import { Asker, type Item, messageOf } from './asker.ts';
import type { AnyDefinition, Cx } from './behaviour.ts';
import type { DeadLetterReason } from './dead-letters.ts';
import { type Accepted, type Decision, isRefusal, refuse } from './decision.ts';
import type { Runnable } from './dispatcher.ts';
import { asError, crashed, gone } from './errors.ts';
import { type Handler, handlersOf } from './handlers.ts';
import type { Kernel } from './kernel.ts';
import { Mailbox } from './mailbox.ts';
import type { Message } from './messages.ts';

/** Who the loop works for. */
export interface TurnsOwner {
  readonly path: string;
  /** A handler threw. The loop is fenced; it goes on when `resume` is called. */
  fallen(error: Error): void;
  /** `askStop` was called and no handler is running any more. */
  finished(): void;
}

const ROOMY = { capacity: 256, whenFull: 'refuse' } as const;

export class Turns implements Runnable {
  state: unknown = undefined;
  handled = 0;
  readonly #owner: TurnsOwner;
  readonly #kernel: Kernel;
  readonly #definition: AnyDefinition;
  readonly #cx: Cx<Message>;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #mailbox: Mailbox<Item>;
  /** Rises whenever what is under way must no longer count: a result is looked at only if it did not. */
  #life = 0;
  #enlisted = false;
  #busy = false;
  #stopAsked = false;
  #handling: Promise<void> | null = null;
  /** Messages that crashed this actor once and get a second chance, and the one having it now. */
  #again: Item[] | null = null;
  #retrying: Item | null = null;

  constructor(owner: TurnsOwner, kernel: Kernel, definition: AnyDefinition, cx: Cx<Message>) {
    this.#owner = owner;
    this.#kernel = kernel;
    this.#definition = definition;
    this.#cx = cx;
    this.#handlers = handlersOf(definition);
    this.#mailbox = new Mailbox(definition.mailbox ?? ROOMY);
  }

  get life(): number {
    return this.#life;
  }
  /** The async handler under way, if any. Never rejects. */
  get handling(): Promise<void> | null {
    return this.#handling;
  }
  get depth(): number {
    return this.#mailbox.depth + (this.#again?.length ?? 0);
  }

  hears(type: string): boolean {
    return this.#handlers.has(type);
  }

  deliver(item: Item, system: boolean): boolean {
    const taken = system
      ? this.#mailbox.offerSystem(item)
      : item instanceof Asker
        ? this.#mailbox.offerPatiently(item)
        : this.#mailbox.offer(item);
    if (!taken) return this.bury(item, 'mailbox_full');
    if (!this.#enlisted) this.#enlist();
    return true;
  }

  /** Queues beyond the bound: an actor always hears of what it started itself. */
  tellSelf(message: Message): void {
    this.#mailbox.force(message);
    this.#enlist();
  }

  callNow(message: Message): unknown {
    if (this.#busy) return refuse('ACTOR_BUSY', { path: this.#owner.path });
    const handler = this.#handlerOf(message);
    if (handler === undefined) {
      this.bury(message, 'not_understood');
      return refuse('NOT_UNDERSTOOD', { path: this.#owner.path, type: message.type });
    }
    const life = this.#life;
    this.#busy = true;
    try {
      const decision = handler(this.state, message, this.#cx);
      if (isPromise(decision)) return this.#discard(decision, message);
      assert(life === this.#life, 'its life ended in the middle of the call');
      const answer = isRefusal(decision) ? decision : this.#apply(decision);
      this.#rest();
      this.handled++;
      return answer;
    } catch (thrown) {
      if (life === this.#life) this.#fall(asError(thrown), null);
      throw crashed(this.#owner.path, thrown);
    }
  }

  run(budget: number): number {
    this.#enlisted = false;
    let left = budget;
    while (left > 0 && !this.#busy && !this.#stopAsked) {
      const item = this.#take();
      if (item === undefined) break;
      left--;
      this.#handle(item);
    }
    if (!this.#busy) this.#rest();
    this.handled += budget - left;
    return budget - left;
  }

  /** From here on nothing that was under way counts. */
  fence(): void {
    this.#life++;
    this.#busy = false;
    this.#handling = null;
    this.#stopAsked = false;
  }

  suspend(): void {
    this.#mailbox.suspend();
  }

  resume(): void {
    this.#mailbox.resume();
    this.#rest();
  }

  askStop(): void {
    this.#stopAsked = true;
    if (!this.#busy) this.#enlist();
  }

  /** Everything still waiting becomes a dead letter; whoever asked is told at once. */
  buryAll(reason: DeadLetterReason): void {
    const items = [...(this.#again ?? []), ...this.#mailbox.drain()];
    this.#again = null;
    for (const item of items) this.bury(item, reason);
  }

  /** Nobody will handle this: count it, and let nobody wait for it. */
  bury(item: Item, reason: DeadLetterReason): false {
    const { path } = this.#owner;
    const message = messageOf(item);
    this.#kernel.deadLetters.add(path, reason, message);
    if (item instanceof Asker) {
      if (reason === 'mailbox_full') item.refuse(refuse('MAILBOX_FULL', { path }));
      else if (reason === 'not_understood') item.refuse(refuse('NOT_UNDERSTOOD', { type: message.type }));
      else item.fail(gone(path, 'it stopped'));
    }
    return false;
  }

  /** System first, then what gets a second chance, then users. */
  #take(): Item | undefined {
    this.#retrying = null;
    const item = this.#mailbox.takeSystem();
    if (item !== undefined) return item;
    if (this.#again === null || this.#mailbox.suspended) return this.#mailbox.takeUser();
    const again = this.#again.shift();
    if (this.#again.length === 0) this.#again = null;
    this.#retrying = again ?? null;
    return again;
  }

  #handle(item: Item): void {
    const message = item instanceof Asker ? item.message : item;
    const handler = this.#handlerOf(message);
    if (handler === undefined) {
      this.bury(item, 'not_understood');
      return;
    }
    const life = this.#life;
    this.#busy = true;
    try {
      const decision = handler(this.state, message, this.#cx);
      if (isPromise(decision)) {
        this.#wait(decision, item, life);
        return;
      }
      if (life === this.#life) this.#commit(decision, item);
      else this.#interrupted(item);
    } catch (thrown) {
      this.#fault(thrown, item, life);
      return;
    }
    if (life === this.#life) this.#busy = false;
  }

  #wait(decision: Promise<Decision<unknown>>, item: Item, life: number): void {
    const settled = (end: () => void) => {
      if (life !== this.#life) {
        this.#interrupted(item);
        return;
      }
      this.#handling = null;
      try {
        end();
        this.#rest();
      } catch (thrown) {
        this.#fault(thrown, item, life);
      }
    };
    this.#handling = decision.then(
      (decided) => settled(() => this.#commit(decided, item)),
      (thrown) => this.#fault(thrown, item, life),
    );
  }

  /** Events first, then the reply: whoever hears "yes" finds it done. */
  #commit(decision: Decision<unknown>, item: Item): void {
    if (isRefusal(decision)) {
      if (item instanceof Asker) item.refuse(decision);
      return;
    }
    const reply = this.#apply(decision);
    if (item instanceof Asker) item.answer(reply);
  }

  #apply(decision: Accepted<unknown>): unknown {
    const { events } = decision;
    if (events.length > 0) {
      assert(this.#definition.evolve, `${this.#definition.name} has events but no evolve`);
      let state = this.state;
      for (const event of events) state = this.#definition.evolve(state, event);
      this.state = state;
    }
    return decision.reply;
  }

  /** An async handler cannot answer now. It decided and changed nothing, so its decision can be thrown away. */
  #discard(decision: Promise<Decision<unknown>>, message: Message): Refusal {
    const life = this.#life;
    const over = () => {
      if (life !== this.#life) return;
      this.#handling = null;
      this.#rest();
    };
    this.#handling = decision.then(over, over);
    return refuse('ACTOR_CALL_ASYNC', { path: this.#owner.path, type: message.type });
  }

  /** No handler is running: see what comes next. */
  #rest(): void {
    this.#busy = false;
    if (this.#stopAsked) this.#owner.finished();
    else if (this.#mailbox.ready || (this.#again !== null && !this.#mailbox.suspended)) this.#enlist();
  }

  #fault(thrown: unknown, item: Item, life: number): void {
    if (life === this.#life) this.#fall(asError(thrown), item);
    else this.#interrupted(item);
  }

  #fall(error: Error, item: Item | null): void {
    this.fence();
    this.suspend();
    if (item !== null) this.#secondChance(item, error);
    this.#owner.fallen(error);
  }

  /** A message that crashed its actor twice is poison: it would crash the next life too. */
  #secondChance(item: Item, error: Error): void {
    if (item !== this.#retrying) {
      this.#again ??= [];
      this.#again.push(item);
      return;
    }
    this.#retrying = null;
    this.#kernel.deadLetters.add(this.#owner.path, 'poison', messageOf(item));
    if (item instanceof Asker) item.fail(crashed(this.#owner.path, error));
  }

  #interrupted(item: Item): void {
    if (!(item instanceof Asker)) return;
    item.fail(crashed(this.#owner.path, new Error('the life that should have answered ended')));
  }

  #handlerOf(message: Message): Handler | undefined {
    return this.#handlers.get(message.type) ?? (this.#definition.otherwise as Handler | undefined);
  }

  #enlist(): void {
    if (this.#enlisted) return;
    this.#enlisted = true;
    this.#kernel.dispatcher.enlist(this);
  }
}
