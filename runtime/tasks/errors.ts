/** What can go wrong around a task, each with its code and what to do next. */
import { EsperError } from '../../contracts/failure.ts';
import type { Task } from './task.ts';

const named = ({ id, name }: Task) => ({ task: id, name });

export const taskCancelled = (task: Task, why: string) =>
  new EsperError(
    'TASK_CANCELLED',
    `${task.name} was cancelled: ${why}`,
    { ...named(task), why },
    { hint: 'Wait with outcomeOf to hear of a cancellation as data.' },
  );

export const joinTimedOut = (task: Task, withinMs: number) =>
  new EsperError(
    'TASK_JOIN_TIMED_OUT',
    `${task.name} did not end within ${withinMs} ms`,
    { ...named(task), withinMs },
    { retryable: true, hint: 'The task goes on: join it again, or cancel it.' },
  );

export const joinCycle = (task: Task) =>
  new EsperError('TASK_JOIN_CYCLE', `${task.name} waits for the task that would join it`, named(task), {
    hint: 'Let one of the two return without waiting for the other.',
  });

export const foreignTask = (task: Task) =>
  new EsperError('TASK_FOREIGN', `${task.name} belongs to another scheduler`, named(task), {
    hint: 'Send a message to the actor that owns the task.',
  });

export const notACall = (yielded: unknown) =>
  new EsperError(
    'TASK_NOT_A_CALL',
    `a task yielded ${typeof yielded} instead of a call`,
    {},
    { hint: 'Yield pause(), sleep(), io(), join(), spawn() or cancel().' },
  );

export const tasksStopped = (name: string) =>
  new EsperError(
    'TASKS_STOPPED',
    `no task is started any more: ${name}`,
    { name },
    {
      hint: 'Its scheduler was stopped, or its life is over.',
    },
  );

export const recordUnreadable = (sequence: number, cause: unknown) =>
  new EsperError(
    'TASK_RECORD_UNREADABLE',
    `record ${sequence} is no record of a task`,
    { sequence },
    { cause, hint: 'Give the tasks a kind of record of their own, and check the journal for damage.' },
  );

export const unknownKind = (task: string, kind: string) =>
  new EsperError(
    'TASK_KIND_UNKNOWN',
    `${task} is unfinished work of kind ${kind}`,
    { task, kind },
    {
      hint: 'List the kind again until its last task has ended.',
    },
  );

export const idTaken = (task: string, kind: string) =>
  new EsperError(
    'TASK_ID_TAKEN',
    `${task} is already work of kind ${kind}`,
    { task, kind },
    {
      hint: 'Choose an id that names the work, such as import/batch-7.',
    },
  );
