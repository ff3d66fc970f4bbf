/** The scheduler itself, without an actor: gives tasks their steps, answers their calls, and ends them. */
import assert from 'node:assert/strict';
import { asError } from '../actor/errors.ts';
import { Call, PAUSE, type Request, type TaskBody } from './call.ts';
import { foreignTask, joinCycle, notACall, tasksStopped } from './errors.ts';
import { IoHeat } from './io-heat.ts';
import { ReadyQueue } from './ready-queue.ts';
import { endOf, putJoined, resumed } from './resume.ts';
import { Sleepers } from './sleepers.ts';
import type { SpawnOptions, Task, TaskEnd, TaskState } from './task.ts';
import { TaskCell, Wait } from './task-cell.ts';

/** Who a scheduler works for. */
export interface EngineHost {
  readonly name: string;
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Somebody is ready, or may be: have a turn soon. Called as often as it pleases. */
  wanted(): void;
  /** A task failed, and nobody was there to hear of it. */
  unhandled(task: Task, error: Error): void;
  /** A `finally` block threw when its actor's life had already ended. */
  complained(task: Task, error: Error): void;
  /** Hears every change of every task's state: for tests and tools; costs a call a step. */
  readonly watch?: ((task: Task, from: TaskState, to: TaskState) => void) | undefined;
}

export interface TurnBudget {
  readonly steps: number;
  readonly ms: number;
}

/** Steps between two looks at the clock. */
const CLOCK_EVERY = 64;
/** Calls answered at once before a task has to let others have their step. */
const IN_ONE_STEP = 64;
/** Joins followed when looking for a circle: longer ones are not found, and show in the list of tasks. */
const CIRCLE_MAX = 1_000;

export class TaskEngine {
  readonly sleepers = new Sleepers();
  readonly heat = new IoHeat();
  readonly ready: ReadyQueue;
  readonly living = new Map<number, TaskCell>();
  readonly #host: EngineHost;
  readonly #watch: EngineHost['watch'];
  #lastId = 0;
  #steps = 0;
  #nowMs = 0;
  #turning = false;
  #closed = false;

  constructor(host: EngineHost, ageAfterSteps: number) {
    this.#host = host;
    this.#watch = host.watch;
    this.ready = new ReadyQueue(ageAfterSteps);
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#steps;
  }

  /** A task's own children come by its calls; this is for everybody else. @throws TASKS_STOPPED */
  spawn(body: TaskBody<unknown>, options: SpawnOptions): TaskCell {
    this.#nowMs = this.#host.nowMs();
    const task = this.#born(body, options, null);
    this.#host.wanted();
    return task;
  }

  /** @throws TASK_FOREIGN */
  cancel(task: Task, why: string): boolean {
    this.#nowMs = this.#host.nowMs();
    const asked = this.#askToEnd(this.#own(task), why);
    if (asked) this.#host.wanted();
    return asked;
  }

  /** Nothing is spawned any more, and everything is asked to end. */
  close(why: string): void {
    this.#closed = true;
    for (const task of [...this.living.values()]) this.cancel(task, why);
  }

  /** One turn: steps until nobody is ready or the budget is spent. True: it was spent. */
  turn({ steps, ms }: TurnBudget): boolean {
    assert(!this.#turning, 'a task cannot have a turn inside its own step');
    this.#turning = true;
    try {
      const beganMs = this.#host.nowMs();
      this.#nowMs = beganMs;
      this.#wakeDue();
      for (let made = 0; made < steps; ) {
        const task = this.ready.take(this.#steps, this.#nowMs);
        if (task === null) return false;
        this.#steps++;
        this.#step(task);
        if (++made % CLOCK_EVERY !== 0) continue;
        this.#nowMs = this.#host.nowMs();
        if (this.#nowMs - beganMs >= ms) return true;
        this.#wakeDue();
      }
      return this.ready.size > 0;
    } finally {
      this.#turning = false;
    }
  }

  /** The life of its actor is over: waits are aborted, `finally` blocks run as far as they do not wait; nobody hears of the ends. */
  drop(why: string): void {
    const closed = this.#closed;
    this.#closed = true;
    const tasks = [...this.living.values()].reverse();
    this.living.clear();
    this.ready.clear();
    for (const task of tasks) this.#leaveWait(task);
    for (const task of tasks) {
      // one in the middle of a step is closed when that step comes back
      const { generator } = task;
      const inStep = task.state === 'running';
      this.#move(task, 'cancelled');
      task.outcome = { kind: 'cancelled', why };
      if (!inStep && generator !== null) this.#shut(task, generator);
    }
    this.#closed = closed;
  }

  #born(body: TaskBody<unknown>, options: SpawnOptions, parent: TaskCell | null): TaskCell {
    if (this.#closed) throw tasksStopped(this.#host.name);
    const task = new TaskCell(this, ++this.#lastId, body, options, parent);
    this.living.set(task.id, task);
    if (task.parent !== null) {
      task.parent.children ??= new Set();
      task.parent.children.add(task);
    }
    this.ready.push(task, this.#steps, this.#nowMs);
    return task;
  }

  #step(task: TaskCell): void {
    if (task.generator === null && task.cancelAsked !== null) {
      this.#end(task, { kind: 'cancelled', why: task.cancelAsked });
      return;
    }
    this.#move(task, 'running');
    task.steps++;
    for (let answered = 0; ; answered++) {
      let result: IteratorResult<Call<unknown>, unknown>;
      try {
        result = resumed(task);
      } catch (thrown) {
        if (task.outcome === null) this.#end(task, { kind: 'failed', error: asError(thrown) });
        else this.#host.complained(task, asError(thrown));
        return;
      }
      if (task.outcome !== null) {
        if (!result.done) this.#shut(task, task.generator as Generator);
        return;
      }
      if (result.done) {
        this.#end(task, endOf(task, result.value));
        return;
      }
      const call = result.value;
      if (call === PAUSE || (task.cancelAsked !== null && !task.winding)) {
        this.#makeReady(task);
        return;
      }
      if (!this.#answers(task, call)) return;
      if (answered === IN_ONE_STEP) {
        this.#makeReady(task);
        return;
      }
    }
  }

  /** True: the answer is there, go on. False: the task waits or stands in line. */
  #answers(task: TaskCell, call: unknown): boolean {
    try {
      if (!(call instanceof Call)) throw notACall(call);
      return this.#perform(task, call.request);
    } catch (thrown) {
      task.throws = true;
      task.answer = asError(thrown);
      return true;
    }
  }

  #perform(task: TaskCell, request: Request): boolean {
    switch (request.kind) {
      case 'pause':
        this.#makeReady(task);
        return false;
      case 'sleep':
        if (request.ms > 0) this.#park(task, new Wait(task), request.ms);
        else this.#makeReady(task);
        return false;
      case 'io':
        this.#begin(task, request.label, request.run);
        return false;
      case 'join':
        return this.#join(task, this.#own(request.task), request.withinMs, request.asOutcome);
      case 'spawn':
        task.answer = this.#born(request.body, request.options, task);
        return true;
      case 'cancel':
        task.answer = this.#askToEnd(this.#own(request.task), request.why);
        return true;
    }
  }

  #begin(task: TaskCell, label: string, run: (signal: AbortSignal) => Promise<unknown>): void {
    const controller = new AbortController();
    const promise = run(controller.signal);
    const wait = new Wait(task);
    wait.io = { label, controller };
    this.#park(task, wait, null);
    this.heat.enter(label, this.#host.nowMs());
    const settled = (throws: boolean, answer: unknown) => {
      if (task.wait !== wait) return;
      this.#nowMs = this.#host.nowMs();
      this.heat.leave(label, this.#nowMs);
      task.wait = null;
      this.#resume(task, answer, throws);
      this.#host.wanted();
    };
    promise.then(
      (value) => settled(false, value),
      (thrown) => settled(true, asError(thrown)),
    );
  }

  #join(task: TaskCell, target: TaskCell, withinMs: number | null, asOutcome: boolean): boolean {
    const wait = new Wait(task);
    wait.asOutcome = asOutcome;
    if (target.outcome !== null) {
      target.observed = true;
      putJoined(wait, target, target.outcome);
      return true;
    }
    let next: TaskCell | null = target;
    for (let followed = 0; next !== null && followed < CIRCLE_MAX; followed++) {
      if (next === task) throw joinCycle(target);
      next = next.wait?.target ?? null;
    }
    wait.target = target;
    target.joiners ??= new Set();
    target.joiners.add(wait);
    wait.withinMs = withinMs ?? 0;
    this.#park(task, wait, withinMs);
    return false;
  }

  #park(task: TaskCell, wait: Wait, ms: number | null): void {
    this.#move(task, 'waiting');
    task.wait = wait;
    // the cached time may be a few milliseconds old, and nobody sleeps shorter than asked
    if (ms !== null) this.sleepers.add(wait, this.#host.nowMs() + ms);
  }

  #wakeDue(): void {
    for (let wait = this.sleepers.takeDue(this.#nowMs); wait !== null; ) {
      const { task, target, withinMs } = wait;
      task.wait = null;
      if (target !== null) {
        target.joiners?.delete(wait);
        putJoined(wait, target, { kind: 'timed_out', withinMs });
      }
      this.#makeReady(task);
      wait = this.sleepers.takeDue(this.#nowMs);
    }
  }

  #resume(task: TaskCell, answer: unknown, throws: boolean): void {
    task.answer = answer;
    task.throws = throws;
    this.#makeReady(task);
  }

  #makeReady(task: TaskCell): void {
    this.#move(task, 'ready');
    this.ready.push(task, this.#steps, this.#nowMs);
  }

  /** Parents before children; whoever waits stops waiting and unwinds in its turn. */
  #askToEnd(task: TaskCell, why: string): boolean {
    if (task.outcome !== null || task.cancelAsked !== null) return false;
    const line = [task];
    for (let next = line.pop(); next !== undefined; next = line.pop()) {
      if (next.outcome !== null || next.cancelAsked !== null) continue;
      next.cancelAsked = why;
      if (next.wait !== null) {
        this.#leaveWait(next);
        this.#makeReady(next);
      }
      for (const child of next.children ?? []) line.push(child);
    }
    return true;
  }

  #leaveWait(task: TaskCell): void {
    const { wait } = task;
    if (wait === null) return;
    task.wait = null;
    this.sleepers.remove(wait);
    wait.target?.joiners?.delete(wait);
    if (wait.io === null) return;
    this.heat.leave(wait.io.label, this.#host.nowMs());
    wait.io.controller.abort();
  }

  #end(task: TaskCell, outcome: TaskEnd): void {
    task.outcome = outcome;
    task.generator = null;
    this.#move(task, outcome.kind === 'cancelled' ? 'cancelled' : 'completed');
    this.living.delete(task.id);
    task.parent?.children?.delete(task);
    this.#tellJoiners(task, outcome);
    if (outcome.kind === 'failed') this.#failed(task, outcome.error);
    if (task.children !== null) {
      for (const child of [...task.children]) this.#askToEnd(child, `${task.name} ended`);
    }
    for (const child of task.failures ?? []) {
      if (!child.observed && child.outcome?.kind === 'failed')
        this.#host.unhandled(child, child.outcome.error);
    }
    task.failures = null;
    task.onEnd?.(outcome);
  }

  #tellJoiners(task: TaskCell, outcome: TaskEnd): void {
    if (task.joiners === null) return;
    for (const wait of task.joiners) {
      this.sleepers.remove(wait);
      wait.task.wait = null;
      putJoined(wait, task, outcome);
      this.#makeReady(wait.task);
      task.observed = true;
    }
    task.joiners = null;
  }

  /** A child's failure waits for its parent to look; a task without one has nobody left to wait for. */
  #failed(task: TaskCell, error: Error): void {
    if (task.observed || task.onEnd !== undefined) return;
    const { parent } = task;
    if (parent === null || parent.outcome !== null) {
      this.#host.unhandled(task, error);
      return;
    }
    parent.failures ??= [];
    parent.failures.push(task);
  }

  #shut(task: TaskCell, generator: Generator): void {
    try {
      generator.return(undefined);
    } catch (thrown) {
      this.#host.complained(task, asError(thrown));
    }
  }

  #own(task: Task): TaskCell {
    if (!(task instanceof TaskCell) || task.home !== this) throw foreignTask(task);
    return task;
  }

  #move(task: TaskCell, to: TaskState): void {
    const from = task.state;
    task.state = to;
    if (this.#watch !== undefined) this.#watch(task, from, to);
  }
}
