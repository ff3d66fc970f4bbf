/** How things may change: every lifecycle of Esper as a pure machine. No clock, no promise, no side effect. */
import { actorLifecycle } from './actor-lifecycle.ts';
import { blueprintLifecycle } from './blueprint-lifecycle.ts';
import { breaker } from './breaker.ts';
import { checkpoint } from './checkpoint.ts';
import { kernelLifecycle } from './kernel-lifecycle.ts';
import { seedLifecycle } from './seed-lifecycle.ts';
import { trainingRun } from './training-run.ts';

export * from './actor-lifecycle.ts';
export * from './blueprint-lifecycle.ts';
export * from './breaker.ts';
export * from './checkpoint.ts';
export * from './draw.ts';
export * from './kernel-lifecycle.ts';
export * from './seed-lifecycle.ts';
export * from './training-run.ts';
export * from './transition-table.ts';

/** All of them, by the name that the documentation uses. */
export const MACHINES = {
  Seed: seedLifecycle,
  'Training run': trainingRun,
  Actor: actorLifecycle,
  Checkpoint: checkpoint,
  Breaker: breaker,
  Blueprint: blueprintLifecycle,
  Kernel: kernelLifecycle,
} as const;
