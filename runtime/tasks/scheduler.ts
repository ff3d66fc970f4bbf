/** A scheduler of tasks inside an actor: turns come as messages, so the mailbox is never kept waiting for long. */
import { type Accepted, accept } from '../actor/decision.ts';
import type { TaskBody } from './call.ts';
import { type EngineHost, TaskEngine, type TurnBudget } from './engine.ts';
import { FeedbackMeter, measure } from './feedback.ts';
import type { TaskHome, TaskOptions, TasksTurn } from './options.ts';
import type { SpawnOptions, Task, TaskState, TaskView } from './task.ts';

/** How an actor holds its scheduler: usually as a part of its state. */
export interface TaskScheduler {
  /** Starts a task with no parent; its first step comes with the next turn. @throws TASKS_STOPPED */
  spawn<R>(body: TaskBody<R>, options?: SpawnOptions<R>): Task<R>;
  /** Asks a task and its children to end; their `finally` blocks run in turns to come. False: it had ended, or was asked before. @throws TASK_FOREIGN */
  cancel(task: Task, why?: string): boolean;
  /** The living, oldest first. */
  list(): readonly TaskView[];
  /** One of the living. */
  describe(id: number): TaskView | undefined;
  /** How many live. */
  readonly size: number;
  /** Asks all to end and starts none any more. They end in turns to come. */
  stop(why?: string): void;
  /** The handler of `tasks.turn`. @throws what an unhandled failure was, when it is to crash the actor */
  turn(message: TasksTurn): Accepted;
}

/**
 * Makes a scheduler in the actor whose context this is: in `fresh`, kept in the state. Its protocol needs `TasksTurn`, and a handler
 * that calls `turn`. All tasks end with the actor's life, and when its group is rolled back: waits are aborted, `finally` blocks run
 * up to their first wait.
 */
export function tasks(cx: TaskHome, options: TaskOptions = {}): TaskScheduler {
  return new ActorTasks(cx, options);
}

class ActorTasks implements TaskScheduler, EngineHost {
  readonly name: string;
  readonly watch: ((task: Task, from: TaskState, to: TaskState) => void) | undefined;
  readonly #cx: TaskHome;
  readonly #options: TaskOptions;
  readonly #engine: TaskEngine;
  readonly #meter: FeedbackMeter;
  readonly #budget: TurnBudget;
  readonly #sampleMs: number;
  /** It will be told when this life, or this stretch of it, is over. */
  #bound = false;
  #lastTicket = 0;
  /** The ticket of the turn asked for, 0 when none is on its way. */
  #asked = 0;
  #timer: { readonly ticket: number; readonly dueMs: number; readonly cancel: () => void } | null = null;
  #crash: Error | null = null;

  constructor(cx: TaskHome, options: TaskOptions) {
    this.#cx = cx;
    this.#options = options;
    this.name = options.name ?? 'tasks';
    this.watch = options.watch;
    this.#budget = { steps: options.turnSteps ?? 1_024, ms: options.turnMs ?? 4 };
    this.#sampleMs = options.sampleMs ?? 1_000;
    this.#engine = new TaskEngine(this, options.ageAfterSteps ?? 64);
    this.#meter = new FeedbackMeter(this.#engine, cx.path, this.name, cx.nowMs());
  }

  get size(): number {
    return this.#engine.living.size;
  }

  spawn<R>(body: TaskBody<R>, options: SpawnOptions<R> = {}): Task<R> {
    if (!this.#bound) this.#bind();
    if (this.size === 0) this.#meter.skip(this.nowMs());
    return this.#engine.spawn(body, options as SpawnOptions) as Task<R>;
  }

  cancel(task: Task, why = 'cancelled by its actor'): boolean {
    return this.#engine.cancel(task, why);
  }

  list(): readonly TaskView[] {
    return [...this.#engine.living.values()].map(({ view }) => view);
  }

  describe(id: number): TaskView | undefined {
    return this.#engine.living.get(id)?.view;
  }

  stop(why = 'its scheduler stops'): void {
    this.#engine.close(why);
  }

  turn({ ticket }: TasksTurn): Accepted {
    if (ticket === this.#asked) this.#asked = 0;
    if (ticket === this.#timer?.ticket) this.#timer = null;
    const spent = this.#engine.turn(this.#budget);
    const nowMs = this.nowMs();
    this.#meter.turned(spent, nowMs);
    if (nowMs - this.#meter.beganMs >= this.#sampleMs) this.#sample(nowMs);
    if (this.#crash !== null) throw this.#crash;
    if (this.#engine.ready.size > 0) this.wanted();
    else this.#arm(nowMs);
    return accept();
  }

  nowMs(): number {
    return this.#cx.nowMs();
  }

  wanted(): void {
    if (this.#asked !== 0) return;
    this.#asked = ++this.#lastTicket;
    this.#cx.soon({ type: 'tasks.turn', ticket: this.#asked });
  }

  unhandled(task: Task, error: Error): void {
    this.#cx.metrics.count('esper_task_failures_total', 1, { tasks: this.name });
    const fields = { task: task.id, name: task.name, error: error.message };
    this.#cx.log.write('error', 'a task failed and nobody had joined it', fields);
    if (this.#options.onUnhandled === 'crash') this.#crash ??= error;
  }

  complained(task: Task, error: Error): void {
    const fields = { task: task.id, name: task.name, error: error.message };
    this.#cx.log.write('error', 'a task did not end cleanly with its actor', fields);
  }

  #sample(nowMs: number): void {
    const feedback = this.#meter.sample(nowMs);
    measure(this.#cx.metrics, feedback);
    this.#options.publish?.(feedback);
  }

  /** One timer, for the soonest sleeper or the next sample, and none when nobody lives. */
  #arm(nowMs: number): void {
    const sampleDueMs = this.size > 0 ? this.#meter.beganMs + this.#sampleMs : Number.POSITIVE_INFINITY;
    const dueMs = Math.min(this.#engine.sleepers.earliestMs, sampleDueMs);
    if (this.#timer !== null && this.#timer.dueMs === dueMs) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const ticket = ++this.#lastTicket;
    const cancel = this.#cx.after(Math.max(0, dueMs - nowMs), { type: 'tasks.turn', ticket });
    this.#timer = { ticket, dueMs, cancel };
  }

  /** The signal is aborted exactly when what an actor has running must end, and so must its tasks. */
  #bind(): void {
    this.#bound = true;
    this.#cx.signal.addEventListener('abort', () => this.#dropped(), { once: true });
  }

  #dropped(): void {
    this.#bound = false;
    this.#asked = 0;
    this.#timer = null;
    this.#engine.drop('the life of its actor is over');
  }
}
