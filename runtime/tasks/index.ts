/** Tasks inside an actor: generators that take turns, with priorities, joins, cancellation and, if wanted, a memory. */
export { type Call, cancel, io, join, outcomeOf, pause, sleep, spawn, type TaskBody } from './call.ts';
export {
  type DurableOptions,
  type DurableTasks,
  durableTasks,
  type Progress,
  type TaskKind,
  taskKind,
} from './durable.ts';
export type { TaskHome, TaskOptions, TasksTurn } from './options.ts';
export { type TaskScheduler, tasks } from './scheduler.ts';
export * from './task.ts';
export { type TaskJournal, type TaskJournalOptions, taskJournal } from './task-journal.ts';
