/** What a scheduler of tasks tells about itself, so that a tuner can see hunger, excess and waiting before people do. */
import { Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';
import { Count, Millis } from './units.ts';

/** One interval of one scheduler; may be dropped under load. */
export const TaskFeedback = message('runtime.tasks.sampled', 1, {
  /** Path of the actor it lives in. */
  actor: Type.String(),
  /** What that actor calls it. */
  scheduler: Type.String(),
  intervalMs: Millis,
  ready: Count,
  waiting: Count,
  /** Times a task was resumed. */
  steps: Count,
  turns: Count,
  /** Turns that ended because their budget was spent and not because nobody was ready. */
  spentTurns: Count,
  /** Hunger: by class, 0 first, the longest wait for a step that was met in the interval or is still going on. */
  starvation: Type.Array(Type.Object({ ready: Count, worstWaitMs: Millis }), { minItems: 5, maxItems: 5 }),
  /** Excess: ready tasks for each step made; above 1 there is more in line than an interval gets done. */
  overcommit: Type.Number({ minimum: 0 }),
  /** Waiting for the outside, hottest first. */
  ioHeat: Type.Array(
    Type.Object({
      label: Type.String(),
      waits: Count,
      /** Tasks that waited, on average over the interval. */
      meanWaiting: Type.Number({ minimum: 0 }),
      /** Of the time that all tasks lived: 0 to 1. */
      share: Type.Number({ minimum: 0, maximum: 1 }),
    }),
  ),
});
export type TaskFeedback = MessageOf<typeof TaskFeedback>;
