/** How a scheduler of tasks behaves, and what it needs of its actor. */
import type { TaskFeedback } from '../../contracts/task-feedback.ts';
import type { Cx } from '../actor/behaviour.ts';
import type { Task, TaskState } from './task.ts';

/** The one message a scheduler sends, to its own actor: have a turn. The handler hands it to `turn`. */
export interface TasksTurn {
  readonly type: 'tasks.turn';
  readonly ticket: number;
}

/** The hands of the actor that a scheduler uses. */
export type TaskHome = Pick<
  Cx<TasksTurn>,
  'path' | 'nowMs' | 'soon' | 'after' | 'signal' | 'log' | 'metrics' | 'fail'
>;

export interface TaskOptions {
  /** For metrics and logs: one of a few words; default `tasks`. */
  readonly name?: string;
  /** Steps of one turn at most, default 1,024; then the mailbox has its turn. */
  readonly turnSteps?: number;
  /** Milliseconds after which a turn ends, default 4; looked at every 64 steps. */
  readonly turnMs?: number;
  /** Steps of others after which a waiting task counts as one class higher, default 64. */
  readonly ageAfterSteps?: number;
  /** What a failure does that nobody joins and no `onEnd` hears: `log` (default) or crash the actor. */
  readonly onUnhandled?: 'log' | 'crash';
  /** Milliseconds between two samples of feedback and metrics while there are tasks, default 1,000. */
  readonly sampleMs?: number;
  /** Takes each sample: for the auto-tuner. */
  readonly publish?: (feedback: TaskFeedback) => void;
  /** Hears every change of every task's state: for tests and tools; costs a call a step. */
  readonly watch?: (task: Task, from: TaskState, to: TaskState) => void;
}
