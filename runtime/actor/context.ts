/** The hands of an actor: everything a handler may do besides deciding. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { PoolHandle, SupervisorHandle } from '../supervisor/handle.ts';
import { Asker } from './asker.ts';
import type { Cx, DynamicOptions, DynamicSupervisor } from './behaviour.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from './checkpoints.ts';
import { dueMsOf } from './deadlines.ts';
import { type Decision, refuse } from './decision.ts';
import type { Errands } from './errands.ts';
import { gone } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { Letter } from './letter.ts';
import type { Exit, Message } from './messages.ts';
import { PathRef } from './path-ref.ts';
import type { Ref } from './ref.ts';
import { ActorSender, type SenderInside, writingOf } from './sender.ts';
import type { TraceContext } from './trace-context.ts';
import type { Turns } from './turns.ts';

/** What a cell opens to its own context, and to nobody else. */
export interface CellInside extends SenderInside {
  readonly loop: Turns;
  /** The context of the present life. */
  readonly cx: Cx<Message>;
  readonly incarnation: number;
  /** The last life is over, and there is no new one yet. */
  readonly over: boolean;
  readonly recovering: boolean;
  readonly kernel: Kernel;
  readonly errands: Errands;
  brood(options: DynamicOptions): DynamicSupervisor;
  watch(target: Ref<never>): void;
  checkpoints(): Checkpoints;
  rollback(reason: string, details: unknown, before?: CheckpointId): RollbackOutcome;
  fail(error: Error): void;
  stopAfterThis(reason?: Exit): void;
}

/** Each made when first asked for. */
interface Tools {
  random: RandomStream | null;
  log: Log | null;
  self: Ref<Message> | null;
  sender: ActorSender | null;
}

export class CellContext implements Cx<Message> {
  readonly #cell: CellInside;
  /** Most light cells want none of them. */
  #tools: Tools | null = null;

  /** @param before the context of the life before: chance and log go on from there */
  constructor(cell: CellInside, before: CellContext | null = null) {
    this.#cell = cell;
    const tools = before === null ? null : before.#tools;
    if (tools !== null) this.#tools = { ...tools, self: null, sender: null };
  }

  /** A handler or job of an older life: it may look and send, and changes nothing here any more. */
  get over(): boolean {
    return this.#cell.over || this.#cell.cx !== this;
  }

  get self(): Ref<Message> {
    const cell = this.#cell;
    const tools = this.#toolbox;
    tools.self ??= new PathRef(cell.path, cell.kernel, null, new ActorSender(cell, this, true));
    return tools.self;
  }
  get trace(): TraceContext | null {
    return this.#sent.cause()?.trace ?? null;
  }
  get path(): string {
    return this.#cell.path;
  }
  get incarnation(): number {
    return this.#cell.incarnation;
  }
  get recovering(): boolean {
    return this.#cell.recovering;
  }
  get random(): RandomStream {
    const tools = this.#toolbox;
    tools.random ??= this.#cell.kernel.random.split(this.#cell.path);
    return tools.random;
  }
  get log(): Log {
    const tools = this.#toolbox;
    tools.log ??= this.#cell.kernel.log.with({ actor: this.#cell.path });
    return tools.log;
  }
  get metrics(): Metrics {
    return this.#cell.kernel.metrics;
  }
  get ids(): Ids {
    return this.#cell.kernel.ids;
  }
  nowMs(): number {
    return this.#cell.kernel.clock.nowMs();
  }
  ref<T extends Message>(path: string): Ref<T> {
    return new PathRef<T>(path, this.#cell.kernel, null, this.#sent);
  }
  after(delayMs: number, message: Message): () => void {
    if (this.over) return () => {};
    return this.#cell.errands.after(delayMs, this.#sealed(message));
  }
  get signal(): AbortSignal {
    return this.#cell.errands.signal;
  }
  soon(message: Message): void {
    if (!this.over) this.#cell.errands.soon(this.#sealed(message));
  }
  job(name: string, run: (signal: AbortSignal) => Promise<Message>): void {
    if (this.over) return;
    // What its end belongs to is known now, and no more when it comes.
    const cause = this.#sent.cause();
    const carry =
      cause === null && !this.#cell.participates ? null : { cause: () => cause, from: this.#sent.from };
    const { kernel, path, errands } = this.#cell;
    errands.job(name, async (signal) => {
      const message = await run(signal);
      const writing = writingOf(carry, kernel.tracing, path, message);
      return writing === null ? message : new Letter(message, writing);
    });
  }
  stash(): Decision {
    return this.over ? refuse('STASH_NOT_QUEUED', { path: this.path }) : this.#cell.loop.stash();
  }
  unstashAll(): void {
    if (!this.over) this.#cell.loop.inbox.unstashAll();
  }
  deadlineMs(): number | null {
    const cause = this.#sent.cause();
    return cause instanceof Asker ? Math.max(0, dueMsOf(cause) - this.nowMs()) : null;
  }
  progress(by = 1): void {
    if (!this.over) this.#cell.loop.progress(by);
  }
  watch(target: Ref<never>): void {
    if (!this.over) this.#cell.watch(target);
  }
  children(options: DynamicOptions = {}): DynamicSupervisor {
    this.#mustLive();
    return this.#cell.brood(options);
  }
  checkpoints(): Checkpoints {
    this.#mustLive();
    return this.#cell.checkpoints();
  }
  rollback(reason: string, details?: unknown, before?: CheckpointId): RollbackOutcome {
    this.#mustLive();
    return this.#cell.rollback(reason, details, before);
  }
  fail(error: Error): void {
    if (!this.over) this.#cell.fail(error);
  }
  stop(reason?: Exit): void {
    if (!this.over) this.#cell.stopAfterThis(reason);
  }
  supervisor(path: string): SupervisorHandle {
    return this.#cell.kernel.stewards.supervisor(path);
  }
  pool(path: string): PoolHandle {
    return this.#cell.kernel.stewards.pool(path);
  }

  /** @throws ACTOR_GONE in what an older life left behind */
  #mustLive(): void {
    if (this.over) throw gone(this.path, 'the life that asks is over');
  }

  get #sent(): ActorSender {
    const tools = this.#toolbox;
    tools.sender ??= new ActorSender(this.#cell, this, false);
    return tools.sender;
  }

  get #toolbox(): Tools {
    this.#tools ??= { random: null, log: null, self: null, sender: null };
    return this.#tools;
  }

  #sealed(message: Message): Message {
    const writing = writingOf(this.#sent, this.#cell.kernel.tracing, this.#cell.path, message);
    return writing === null ? message : new Letter(message, writing);
  }
}
