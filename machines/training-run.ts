/** The life of one training run, as Tolaria lives it: a run can be paused, thrown back or hurt, and still finish. */
import { setup } from 'xstate';

export type RunMachineEvent =
  /** Data, host and catalogue are ready. */
  | { readonly type: 'prepared' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Something unhealthy happened; a snapshot is being restored. */
  | { readonly type: 'rollBack' }
  | { readonly type: 'rolledBack' }
  /** The journal cannot be written or Tamiyo cannot decide: training goes on, adaptation rests. */
  | { readonly type: 'degrade' }
  | { readonly type: 'recover' }
  /** All epochs are done, or the goal is reached. */
  | { readonly type: 'complete' }
  /** Last checkpoint and last record are on the disk. */
  | { readonly type: 'settled' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'fail' };

/** Tags: `steps` (optimiser steps are taken), `adapts` (seeds may change stage), `over` (this process is done with the run). */
export const trainingRun = setup({
  types: { events: {} as RunMachineEvent, tags: {} as 'steps' | 'adapts' | 'over' },
}).createMachine({
  id: 'run',
  initial: 'preparing',
  states: {
    preparing: { on: { prepared: 'training', interrupt: 'interrupted', fail: 'failed' } },
    training: {
      tags: ['steps', 'adapts'],
      on: {
        pause: 'paused',
        rollBack: 'rolling_back',
        degrade: 'degraded',
        complete: 'finishing',
        interrupt: 'interrupted',
        fail: 'failed',
      },
    },
    degraded: {
      tags: 'steps',
      on: {
        recover: 'training',
        rollBack: 'rolling_back',
        complete: 'finishing',
        interrupt: 'interrupted',
        fail: 'failed',
      },
    },
    paused: { on: { resume: 'training', interrupt: 'interrupted', fail: 'failed' } },
    rolling_back: { on: { rolledBack: 'training', interrupt: 'interrupted', fail: 'failed' } },
    finishing: {
      // saving can be thrown back too; whether it ends as finished or interrupted is known only when all is on the disk
      on: { settled: 'finished', rollBack: 'rolling_back', interrupt: 'interrupted', fail: 'failed' },
    },
    finished: { type: 'final', tags: 'over' },
    interrupted: { type: 'final', tags: 'over' },
    failed: { type: 'final', tags: 'over' },
  },
});
