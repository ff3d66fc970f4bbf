/** The actor system: all that actors may import. */
export * from './actor/behaviour.ts';
export * from './actor/checkpoints.ts';
export * from './actor/decision.ts';
export * from './actor/messages.ts';
export * from './actor/ref.ts';
export type * from './ports/bus.ts';
export type * from './ports/clock.ts';
export type * from './ports/disk.ts';
export type * from './ports/ids.ts';
export type * from './ports/journal.ts';
export type * from './ports/log.ts';
export type * from './ports/metrics.ts';
export type * from './ports/ownership.ts';
export * from './supervisor/spec.ts';
