/** What a task may ask of its scheduler. It yields a call and goes on when the answer is there. */
import type { JoinOptions, JoinOutcome, SpawnOptions, Task, TaskEnd } from './task.ts';

/** The work itself. `yield* call` gives the answer its type; a bare `yield` of a call is the same and untyped. */
export type TaskBody<R> = (task: Task) => Generator<Call<unknown>, R, unknown>;

export type Request =
  | { readonly kind: 'pause' }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'io'; readonly label: string; readonly run: (signal: AbortSignal) => Promise<unknown> }
  | {
      readonly kind: 'join';
      readonly task: Task;
      /** Null waits for ever. */
      readonly withinMs: number | null;
      /** As an outcome, or as a value and a throw. */
      readonly asOutcome: boolean;
    }
  | { readonly kind: 'spawn'; readonly body: TaskBody<unknown>; readonly options: SpawnOptions }
  | { readonly kind: 'cancel'; readonly task: Task; readonly why: string };

/** A request that knows the type of its answer. */
export class Call<out R> {
  readonly request: Request;

  constructor(request: Request) {
    this.request = request;
  }

  [Symbol.iterator](): Iterator<Call<R>, R, unknown> {
    return new Once<R>(this);
  }
}

/** Yields its call once; what comes back is the answer. */
class Once<R> implements Iterator<Call<R>, R, unknown> {
  #call: Call<R> | null;

  constructor(call: Call<R>) {
    this.#call = call;
  }

  next(answer: unknown): IteratorResult<Call<R>, R> {
    const call = this.#call;
    if (call === null) return { done: true, value: answer as R };
    this.#call = null;
    return { done: false, value: call };
  }

  /** What went wrong is thrown where the task waits. */
  throw(error: unknown): never {
    throw error;
  }
}

export const PAUSE = new Call<void>({ kind: 'pause' });

/** Lets others have their step first. `yield pause()` is the fastest way to say it. */
export const pause = (): Call<void> => PAUSE;

/** Waits `ms` milliseconds at least; 0 or less is a pause. */
export const sleep = (ms: number): Call<void> => new Call({ kind: 'sleep', ms });

/**
 * Waits for a promise. `run` is called at once; its signal is aborted when the task is cancelled, and what it then comes to is not looked at.
 * A rejection is thrown where the task waits.
 * @param label one of a few words: how long tasks wait is measured by it
 */
export const io = <T>(run: (signal: AbortSignal) => Promise<T>, label = 'io'): Call<T> =>
  new Call({ kind: 'io', label, run });

/**
 * Waits for another task's value.
 * @throws what the task threw; TASK_CANCELLED when it was cancelled; TASK_JOIN_TIMED_OUT after `withinMs`
 * @throws TASK_JOIN_CYCLE when the other waits for this one, TASK_FOREIGN when it belongs to another scheduler
 */
export const join = <R>(task: Task<R>, options?: JoinOptions): Call<R> =>
  new Call({ kind: 'join', task, withinMs: options?.withinMs ?? null, asOutcome: false });

/** Waits for another task's end, whatever it is, and throws for none. @throws TASK_JOIN_CYCLE, TASK_FOREIGN */
export function outcomeOf<R>(task: Task<R>): Call<TaskEnd<R>>;
export function outcomeOf<R>(task: Task<R>, options: JoinOptions): Call<JoinOutcome<R>>;
export function outcomeOf<R>(task: Task<R>, options?: JoinOptions): Call<JoinOutcome<R>> {
  return new Call({ kind: 'join', task, withinMs: options?.withinMs ?? null, asOutcome: true });
}

/** Starts a child; it is ready, and has its first step after this one. */
export const spawn = <R>(body: TaskBody<R>, options: SpawnOptions<R> = {}): Call<Task<R>> =>
  new Call({ kind: 'spawn', body, options: options as SpawnOptions });

/** Asks a task and its children to end; join it to see them ended. False: it had ended or was already asked. @throws TASK_FOREIGN */
export const cancel = (task: Task, why = 'cancelled by a task'): Call<boolean> =>
  new Call({ kind: 'cancel', task, why });
