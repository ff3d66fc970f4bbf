/** Between a task and its generator: what it is resumed with, and what its return means. */
import type { Call } from './call.ts';
import { joinTimedOut, taskCancelled } from './errors.ts';
import type { JoinOutcome, TaskEnd } from './task.ts';
import type { TaskCell, Wait } from './task-cell.ts';

/** Goes on where the task left off: with an answer, with a throw, or out through its `finally` blocks. */
export function resumed(task: TaskCell): IteratorResult<Call<unknown>, unknown> {
  task.generator ??= task.body(task);
  const { generator, answer, throws } = task;
  task.answer = undefined;
  if (task.cancelAsked !== null && !task.winding) {
    task.winding = true;
    task.throws = false;
    return generator.return(undefined);
  }
  if (!throws) return generator.next(answer);
  task.throws = false;
  return generator.throw(answer);
}

/** A task that was asked to end after its last call has still done all its work. */
export const endOf = ({ winding, cancelAsked }: TaskCell, value: unknown): TaskEnd =>
  winding ? { kind: 'cancelled', why: cancelAsked ?? '' } : { kind: 'completed', value };

/** Puts what a join came to where its task will find it. */
export function putJoined({ task, asOutcome }: Wait, target: TaskCell, outcome: JoinOutcome): void {
  task.throws = !asOutcome && outcome.kind !== 'completed';
  if (asOutcome) task.answer = outcome;
  else if (outcome.kind === 'completed') task.answer = outcome.value;
  else if (outcome.kind === 'failed') task.answer = outcome.error;
  else if (outcome.kind === 'cancelled') task.answer = taskCancelled(target, outcome.why);
  else task.answer = joinTimedOut(target, outcome.withinMs);
}
