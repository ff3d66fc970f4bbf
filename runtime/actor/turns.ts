/** The loop of one actor: one message at a time, decide, evolve, reply; a throw is handed to whoever owns the loop. */
import assert from 'node:assert/strict';
import type { Refusal } from '../../contracts/failure.ts';
import { isPromise } from '../maybe.ts';
import type { TracedOutcome } from '../ports/tracing.ts';
import type { AnyDefinition, Cx } from './behaviour.ts';
import { type Accepted, accept, type Decision, isRefusal, refuse } from './decision.ts';
import type { Diary } from './diary.ts';
import type { Runnable } from './dispatcher.ts';
import { asError, crashed, fenced, stalled } from './errors.ts';
import { type Handler, handlersOf } from './handlers.ts';
import { Inbox, type InboxHost } from './inbox.ts';
import type { Kernel } from './kernel.ts';
import { type Item, Letter, messageOf } from './letter.ts';
import type { Message } from './messages.ts';
import { Post } from './post.ts';
import { Pulse, type Vitals } from './pulse.ts';

/** Who the loop works for. */
export interface TurnsOwner {
  readonly path: string;
  readonly kernel: Kernel;
  readonly definition: AnyDefinition;
  /** Of the present life. */
  readonly cx: Cx<Message>;
  /** A handler threw. The loop is fenced; it goes on when `resume` is called. */
  fallen(error: Error): void;
  /** `askStop` was called and no handler is running any more. */
  finished(): void;
  /** Another owner wrote its events: this life is over. */
  fenced(): void;
}

export class Turns extends Post implements InboxHost, Runnable {
  state: unknown = undefined;
  /** Of a durable actor: events are written there before they count. */
  diary: Diary | null = null;
  handled = 0;
  readonly #owner: TurnsOwner;
  readonly #handlers: ReadonlyMap<string, Handler>;
  /** Rises whenever what is under way must no longer count: a result is looked at only if it did not. */
  #life = 0;
  #enlisted = false;
  #busy = false;
  #stopAsked = false;
  #handling: Promise<void> | null = null;
  /** What is being handled, while the loop is busy; null for a direct call without a letter. */
  #present: Item | null = null;
  /** The present message is to be put aside. */
  #stashing = false;
  #pulse: Pulse | null = null;

  constructor(owner: TurnsOwner) {
    super();
    this.#owner = owner;
    this.#handlers = handlersOf(owner.definition);
    // What a mailbox needs may be missing: then its actor must not start.
    if (owner.definition.mailbox?.whenFull === 'spill') this.open();
  }

  get life(): number {
    return this.#life;
  }
  /** The async handler under way, if any. Never rejects. */
  get handling(): Promise<void> | null {
    return this.#handling;
  }
  /** The letter being handled, null without one. */
  get present(): Letter | null {
    return this.#busy && this.#present instanceof Letter ? this.#present : null;
  }
  /** Is a handler running that has not waited for anything yet? */
  get inStep(): boolean {
    return this.#busy && this.#handling === null;
  }

  hears(type: string): boolean {
    return this.#handlers.has(type);
  }

  /** @param letter around the message, when there is something to know about it */
  callNow(message: Message, letter: Letter | null = null): unknown {
    if (this.#busy) return refuse('ACTOR_BUSY', { path: this.#owner.path });
    const handler = this.#handlerOf(message);
    if (handler === undefined) {
      this.inbox.bury(message, 'not_understood');
      return refuse('NOT_UNDERSTOOD', { path: this.#owner.path, type: message.type });
    }
    const life = this.#life;
    this.#begin(letter);
    try {
      const decision = handler(this.state, message, this.#owner.cx);
      if (isPromise(decision)) return this.#discard(decision, message);
      assert(life === this.#life, 'its life ended in the middle of the call');
      const answer = isRefusal(decision)
        ? decision
        : this.diary !== null && decision.events.length > 0
          ? this.#unanswerable(message)
          : this.#apply(decision);
      if (letter !== null) this.#done(letter, isRefusal(answer) ? 'refused' : 'accepted');
      this.#rest();
      this.handled++;
      return answer;
    } catch (thrown) {
      if (letter !== null) this.#done(letter, 'crashed');
      if (life === this.#life) this.#fall(asError(thrown), null);
      throw crashed(this.#owner.path, thrown);
    }
  }

  run(budget: number): number {
    this.#enlisted = false;
    let left = budget;
    while (left > 0 && !this.#busy && !this.#stopAsked) {
      const item = this.take();
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
    const cut = this.#handling === null ? null : this.#present;
    this.#life++;
    this.#busy = false;
    this.#handling = null;
    this.#stopAsked = false;
    this.#stashing = false;
    this.#pulse?.end();
    if (cut !== null) this.#tellOver(cut);
    // A new life knows nothing of what the one before put aside.
    this.unstashAll();
  }

  override resume(): void {
    super.resume();
    if (!this.#busy) this.#rest();
  }

  askStop(): void {
    this.#stopAsked = true;
    if (!this.#busy) this.enlist();
  }

  /** Puts the present message aside when its handler is done: it is neither answered nor handled. */
  stash(): Decision {
    const refusal = this.inbox.stashRefusal(this.#busy ? this.#present : null);
    if (refusal !== null) return refusal;
    this.#stashing = true;
    return accept();
  }

  progress(by: number): void {
    this.#pulseOf().progress(by);
  }

  /** @param jobsSinceMs when the oldest job began, null without one */
  vitals(jobsSinceMs: number | null): Vitals {
    return this.#pulseOf().vitals(this.handled, jobsSinceMs, this.counts);
  }

  #handle(item: Item): void {
    const message = item instanceof Letter ? item.message : item;
    const handler = this.#handlerOf(message);
    if (handler === undefined) {
      this.inbox.bury(item, 'not_understood');
      return;
    }
    const life = this.#life;
    this.#begin(item);
    try {
      const decision = handler(this.state, message, this.#owner.cx);
      if (isPromise(decision)) {
        this.#wait(decision, item, life);
        return;
      }
      if (life !== this.#life) this.#interrupted(item);
      else if (this.diary !== null && !isRefusal(decision) && decision.events.length > 0) {
        this.#handling = this.#write(this.diary, decision, item, life);
        return;
      } else this.#commit(decision, item);
    } catch (thrown) {
      this.#fault(thrown, item, life);
      return;
    }
    if (life === this.#life) this.#busy = false;
  }

  #wait(decision: Promise<Decision<unknown>>, item: Item, life: number): void {
    this.#pulseOf().begin();
    const settled = (end: () => void) => {
      if (life !== this.#life) {
        this.#interrupted(item);
        return;
      }
      this.#settle();
      try {
        end();
        this.#rest();
      } catch (thrown) {
        this.#fault(thrown, item, life);
      }
    };
    this.#handling = decision.then(
      (decided) => {
        const { diary } = this;
        if (diary === null || life !== this.#life || isRefusal(decided) || decided.events.length === 0)
          return settled(() => this.#commit(decided, item));
        return this.#write(diary, decided, item, life);
      },
      (thrown) => this.#fault(thrown, item, life),
    );
  }

  /**
   * Durable first, then applied, then answered. What was decided is never decided again: should the outcome of the
   * write be unknown, a second try could make it happen twice.
   */
  async #write(diary: Diary, decision: Accepted<unknown>, item: Item, life: number): Promise<void> {
    try {
      const refusal = await diary.write(decision.events);
      if (life !== this.#life) {
        this.#interrupted(item);
        return;
      }
      this.#settle();
      if (refusal === undefined) {
        this.#commit(decision, item);
        diary.applied(this.state);
        this.#rest();
        return;
      }
      this.inbox.giveUp(item, 'not_stored', fenced(this.#owner.path, refusal));
      this.#owner.fenced();
    } catch (thrown) {
      this.inbox.giveUp(item, 'not_stored', crashed(this.#owner.path, thrown));
      if (life === this.#life) this.#fall(asError(thrown), null);
    }
  }

  /** Events first, then the reply: whoever hears "yes" finds it done. */
  #commit(decision: Decision<unknown>, item: Item): void {
    if (this.#stashing) {
      this.#putAside(decision, item);
      return;
    }
    const refused = isRefusal(decision);
    const reply = refused ? undefined : this.#apply(decision);
    if (!(item instanceof Letter)) return;
    if (refused) item.refuse(decision);
    else item.answer(reply);
    this.#done(item, refused ? 'refused' : 'accepted');
  }

  #putAside(decision: Decision<unknown>, item: Item): void {
    this.#stashing = false;
    if (!isRefusal(decision)) this.#apply(decision);
    this.inbox.stash(item);
    if (item instanceof Letter) this.#done(item, 'stashed');
  }

  #apply(decision: Accepted<unknown>): unknown {
    const { events } = decision;
    if (events.length > 0) {
      assert(this.#owner.definition.evolve, `${this.#owner.definition.name} has events but no evolve`);
      let state = this.state;
      for (const event of events) state = this.#owner.definition.evolve(state, event);
      this.state = state;
    }
    return decision.reply;
  }

  /** An async handler cannot answer now. It decided and changed nothing, so its decision can be thrown away. */
  #discard(decision: Promise<Decision<unknown>>, message: Message): Refusal {
    const life = this.#life;
    this.#pulseOf().begin();
    const over = () => {
      if (life !== this.#life) return;
      this.#settle();
      this.#rest();
    };
    this.#handling = decision.then(over, over);
    return this.#unanswerable(message);
  }

  #unanswerable(message: Message): Refusal {
    return refuse('ACTOR_CALL_ASYNC', { path: this.#owner.path, type: message.type });
  }

  /** No handler is running: see what comes next. */
  #rest(): void {
    this.#busy = false;
    this.#present = null;
    if (this.#stopAsked) this.#owner.finished();
    else if (this.ready) this.enlist();
  }

  #fault(thrown: unknown, item: Item, life: number): void {
    if (life === this.#life) this.#fall(asError(thrown), item);
    else this.#interrupted(item);
  }

  #fall(error: Error, item: Item | null): void {
    this.#handling = null;
    this.suspend();
    if (item !== null) this.#secondChance(item, error);
    this.fence();
    this.#owner.fallen(error);
  }

  /** A message that crashed its actor twice is poison: it would crash the next life too. */
  #secondChance(item: Item, error: Error): void {
    if (item instanceof Letter) this.#done(item, 'crashed');
    if (!this.inbox.secondChance(item)) this.inbox.giveUp(item, 'poison', crashed(this.#owner.path, error));
  }

  /** No second chance for what took too long: the first may still be at it. */
  #stall(limitMs: number): void {
    const item = this.#present;
    const error = stalled(this.#owner.path, limitMs, item === null ? 'a direct call' : messageOf(item).type);
    this.#owner.kernel.metrics.count('esper_stalled_total', 1, { actor: this.#owner.definition.name });
    if (item !== null) this.inbox.giveUp(item, 'stalled', crashed(this.#owner.path, error));
    this.#fall(error, null);
  }

  #interrupted(item: Item): void {
    if (!(item instanceof Letter)) return;
    this.#done(item, 'interrupted');
    this.#tellOver(item);
  }

  /** Whoever asked hears at once that there will be no answer, however long the handler goes on. */
  #tellOver(item: Item): void {
    if (item instanceof Letter && item.awaited)
      item.fail(crashed(this.#owner.path, new Error('the life that should have answered ended')));
  }

  #begin(item: Item | null): void {
    this.#busy = true;
    this.#present = item;
    if (this.#owner.kernel.tracing === null || !(item instanceof Letter) || item.trace === null) return;
    this.#owner.kernel.tracing.onHandle(item.trace, { to: this.#owner.path, type: item.message.type });
  }

  #done(letter: Letter, outcome: TracedOutcome): void {
    if (letter.trace !== null) this.#owner.kernel.tracing?.onDone(letter.trace, outcome);
  }

  /** What the handler waited for has come. */
  #settle(): void {
    this.#handling = null;
    this.#pulse?.end();
  }

  #pulseOf(): Pulse {
    const limitMs = this.#owner.definition.handleWithinMs ?? null;
    this.#pulse ??= new Pulse(this.#owner.kernel, limitMs, (ms) => this.#stall(ms));
    return this.#pulse;
  }

  #handlerOf(message: Message): Handler | undefined {
    return this.#handlers.get(message.type) ?? (this.#owner.definition.otherwise as Handler | undefined);
  }

  wake(): void {
    if (!this.#busy && this.ready) this.enlist();
  }

  protected override makeInbox(): Inbox {
    return new Inbox(this.#owner.path, this.#owner.kernel, this.#owner.definition, this);
  }

  protected override enlist(): void {
    if (this.#enlisted) return;
    this.#enlisted = true;
    this.#owner.kernel.dispatcher.enlist(this);
  }
}
