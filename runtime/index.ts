/** The actor system: all that actors may import. */
export type { Refusal } from '../contracts/failure.ts';
export * from './actor/behaviour.ts';
export { type Fresh, ignore, type Started, started } from './actor/birth.ts';
export * from './actor/checkpoints.ts';
export type * from './actor/dead-letter.ts';
export type { DeadLetterOffice } from './actor/dead-letters.ts';
export * from './actor/decision.ts';
export type * from './actor/durability.ts';
export type { MailCounts } from './actor/mailbox.ts';
export type * from './actor/mailbox-options.ts';
export * from './actor/messages.ts';
export type { Priority } from './actor/priority.ts';
export type { Vitals } from './actor/pulse.ts';
export * from './actor/ref.ts';
export type { Replayed, ReplayOptions, ReplayReport } from './actor/replay.ts';
export { type StalledActor, stalledIn } from './actor/stalled.ts';
export * from './actor/trace-context.ts';
export type { TreeNode } from './actor/tree-node.ts';
export type { Checkpoint } from './checkpoint/checkpoint.ts';
export {
  type CheckpointStore,
  checkpointStore,
  type WrittenCheckpoint,
} from './checkpoint/checkpoint-store.ts';
export { decodeSafetensors, encodeSafetensors, type NamedTensor } from './checkpoint/safetensors.ts';
export type { JournalEventStore } from './durable/journal-event-store.ts';
export { jsonCodec } from './durable/json-codec.ts';
export { type EventStoreOptions, openEventStore } from './durable/open-event-store.ts';
export type { Mark } from './journal/marks.ts';
export { type JournalOptions, type JournalRecovery, openJournal } from './journal/open-journal.ts';
export type { Retention } from './journal/retention.ts';
export type { FollowOptions, SegmentedJournal } from './journal/segmented-journal.ts';
export type * from './ports/bus.ts';
export type * from './ports/clock.ts';
export type * from './ports/compression.ts';
export type * from './ports/disk.ts';
export type * from './ports/event-store.ts';
export type * from './ports/fail-points.ts';
export type * from './ports/hasher.ts';
export type * from './ports/ids.ts';
export type * from './ports/journal.ts';
export type * from './ports/leases.ts';
export type * from './ports/log.ts';
export type * from './ports/metrics.ts';
export type * from './ports/ownership.ts';
export type * from './ports/processes.ts';
export type * from './ports/seal.ts';
export type * from './ports/spill.ts';
export type * from './ports/threads.ts';
export type * from './ports/tracing.ts';
export type * from './ports/transport.ts';
export * from './remote/index.ts';
export * from './shutdown/coordinated-shutdown.ts';
export { type FolderSpillOptions, folderSpillStore } from './spill/folder-spill.ts';
export { backoffMs } from './supervisor/backoff.ts';
export type { RestartBudgetOptions } from './supervisor/budget.ts';
export { pool, supervisor, worker } from './supervisor/declare.ts';
export type * from './supervisor/handle.ts';
export { type HostWorkerOptions, hostWorker } from './supervisor/host-worker.ts';
export { addRestart, type Intensity } from './supervisor/intensity.ts';
export { renderSpec, renderTree } from './supervisor/render.ts';
export { RollbackGroup, type RollbackGroupOptions } from './supervisor/rollback-group.ts';
export * from './supervisor/spec.ts';
export { affected, shouldRestart } from './supervisor/strategy.ts';
export { problemsOf } from './supervisor/validate.ts';
export { type ActorSystem, type SystemPorts, startSystem } from './system.ts';
export { type Call, cancel, io, join, outcomeOf, pause, sleep, spawn, type TaskBody } from './tasks/call.ts';
export {
  type DurableOptions,
  type DurableTasks,
  durableTasks,
  type Progress,
  type TaskKind,
  taskKind,
} from './tasks/durable.ts';
export type { TaskHome, TaskOptions, TasksTurn } from './tasks/options.ts';
export { type TaskScheduler, tasks } from './tasks/scheduler.ts';
export * from './tasks/task.ts';
export { type TaskJournal, type TaskJournalOptions, taskJournal } from './tasks/task-journal.ts';
export type * from './watchdog/stall-report.ts';
