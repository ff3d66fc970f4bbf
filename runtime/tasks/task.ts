/** A task is work that takes turns with other work inside one actor; these are the words for it. */

/** 0 is served first, 4 last; who waits long enough is served like a class above. */
export type TaskPriority = 0 | 1 | 2 | 3 | 4;

export const TASK_CLASSES = 5;

/** Where a task is in its life. A task that threw is `completed` too: its outcome says `failed`. */
export type TaskState = 'ready' | 'running' | 'waiting' | 'completed' | 'cancelled';

/** Every step a life can take. `ready` to `cancelled` never began; `waiting` to `cancelled` ends with its actor. */
export const TASK_TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  ready: ['running', 'cancelled'],
  running: ['ready', 'waiting', 'completed', 'cancelled'],
  waiting: ['ready', 'cancelled'],
  completed: [],
  cancelled: [],
};

/** How a task ended. */
export type TaskEnd<R = unknown> =
  | { readonly kind: 'completed'; readonly value: R }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'cancelled'; readonly why: string };

/** What waiting for a task came to: its end, or nothing in time. */
export type JoinOutcome<R = unknown> = TaskEnd<R> | { readonly kind: 'timed_out'; readonly withinMs: number };

/** A task as others hold it. */
export interface Task<out R = unknown> {
  /** 1-based, unique within its scheduler. */
  readonly id: number;
  readonly name: string;
  readonly priority: TaskPriority;
  readonly state: TaskState;
  /** Null until it has ended. */
  readonly outcome: TaskEnd<R> | null;
}

export interface SpawnOptions<R = unknown> {
  /** For lists and logs; default `task`. */
  readonly name?: string;
  /** Default: its parent's, or 2. */
  readonly priority?: TaskPriority;
  /** Outlives its parent. Without it a task is cancelled when its parent is, and when its parent ends. */
  readonly detached?: boolean;
  /** Hears the end, in the turn in which it comes. Whoever listens has dealt with a failure; a throw crashes the actor. */
  onEnd?(outcome: TaskEnd<R>): void;
}

export interface JoinOptions {
  /** Milliseconds until waiting is over; the task itself goes on. */
  readonly withinMs: number;
}

/** A task as operators see it. */
export interface TaskView {
  readonly id: number;
  readonly name: string;
  readonly state: TaskState;
  readonly priority: TaskPriority;
  /** 0 when it has none. */
  readonly parent: number;
  readonly children: number;
  /** Times it was resumed. */
  readonly steps: number;
  /** What it waits for, in words: `sleep`, `join 7`, `io disk`; empty when it does not wait. */
  readonly waitsFor: string;
  /** Somebody asked it to end, and its `finally` blocks may still be running. */
  readonly cancelAsked: boolean;
}
