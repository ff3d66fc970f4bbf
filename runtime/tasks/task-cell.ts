/** One task alive, as its scheduler holds it: plain fields, because every step touches them. */
import type { Call, TaskBody } from './call.ts';
import type { SpawnOptions, Task, TaskEnd, TaskPriority, TaskState, TaskView } from './task.ts';

/** What a task waits for. At most one thing, and a time limit with a join. */
export class Wait {
  readonly task: TaskCell;
  /** Monotonic milliseconds; what has no limit is not among the sleepers. */
  dueMs = 0;
  /** Of equal times, the lower was first. */
  order = 0;
  /** Its place among the sleepers, -1 when it is not there. */
  at = -1;
  target: TaskCell | null = null;
  asOutcome = false;
  withinMs = 0;
  io: { readonly label: string; readonly controller: AbortController } | null = null;

  constructor(task: TaskCell) {
    this.task = task;
  }

  get text(): string {
    if (this.target !== null) return `join ${this.target.id}`;
    return this.io === null ? 'sleep' : `io ${this.io.label}`;
  }
}

export class TaskCell implements Task {
  /** The scheduler it belongs to. */
  readonly home: object;
  readonly id: number;
  readonly name: string;
  readonly priority: TaskPriority;
  readonly body: TaskBody<unknown>;
  readonly parent: TaskCell | null;
  readonly onEnd: SpawnOptions['onEnd'];
  state: TaskState = 'ready';
  outcome: TaskEnd | null = null;
  generator: Generator<Call<unknown>, unknown, unknown> | null = null;
  /** What its next step hears: an answer, or an error when `throws`. */
  answer: unknown = undefined;
  throws = false;
  wait: Wait | null = null;
  joiners: Set<Wait> | null = null;
  children: Set<TaskCell> | null = null;
  /** Children that failed while nobody was joining them. */
  failures: TaskCell[] | null = null;
  /** Somebody has heard of its failure, or will. */
  observed = false;
  cancelAsked: string | null = null;
  /** Asked to end, and its `finally` blocks have begun. */
  winding = false;
  /** The next in line of its class. */
  next: TaskCell | null = null;
  /** The step of the scheduler, and the time, at which it became ready. */
  readyStep = 0;
  readyMs = 0;
  steps = 0;

  constructor(
    home: object,
    id: number,
    body: TaskBody<unknown>,
    options: SpawnOptions,
    parent: TaskCell | null,
  ) {
    this.home = home;
    this.id = id;
    this.body = body;
    this.name = options.name ?? 'task';
    this.priority = options.priority ?? parent?.priority ?? 2;
    this.parent = options.detached ? null : parent;
    this.onEnd = options.onEnd;
  }

  get view(): TaskView {
    const { id, name, state, priority, parent, children, steps, wait, cancelAsked } = this;
    return {
      id,
      name,
      state,
      priority,
      parent: parent?.id ?? 0,
      children: children?.size ?? 0,
      steps,
      waitsFor: wait?.text ?? '',
      cancelAsked: cancelAsked !== null,
    };
  }
}
