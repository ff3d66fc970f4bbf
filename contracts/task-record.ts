/** What a journal remembers of a durable task, so that a restart knows what is left to do. */
import { Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';

/**
 * Of one task: `spawned`, then any number of `progress`, then one of the three ends. A second end does not count.
 * `restated` stands for all that was said of it before: the argument, the progress and the end are its value.
 */
export const TaskRecord = message('runtime.task.recorded', 1, {
  what: Type.Union([
    Type.Literal('spawned'),
    Type.Literal('progress'),
    Type.Literal('completed'),
    Type.Literal('failed'),
    Type.Literal('cancelled'),
    Type.Literal('restated'),
  ]),
  /** Which task; chosen by whoever started it. */
  task: Type.String({ minLength: 1 }),
  /** Which kind of work it is: what a restart looks up. */
  kind: Type.String({ minLength: 1 }),
  /** The argument, the progress, the result, the failure as data, or the reason: plain data, null for nothing. */
  value: Type.Unknown(),
});
export type TaskRecord = MessageOf<typeof TaskRecord>;
