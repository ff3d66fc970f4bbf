/** A small workshop for task tests: one actor with a scheduler, on a clock that stands still. */

import { accept, type Cx, defineActor, worker } from '../../../runtime/index.ts';
import type { TaskScheduler, TasksTurn } from '../../../runtime/tasks/index.ts';
import { type TaskOptions, tasks } from '../../../runtime/tasks/index.ts';
import { startWorld } from '../support/world.ts';

export type WorkshopMessage =
  | TasksTurn
  | { readonly type: 'do'; readonly work: (tasks: TaskScheduler, cx: Cx<WorkshopMessage>) => void }
  | { readonly type: 'crash' };

export const workshop = (options: TaskOptions = {}, made: (tasks: TaskScheduler) => void = () => {}) =>
  defineActor<TaskScheduler, WorkshopMessage>({
    name: 'workshop',
    fresh(cx) {
      const scheduler = tasks(cx, options);
      made(scheduler);
      return scheduler;
    },
    decide: {
      'tasks.turn': (scheduler, turn) => scheduler.turn(turn),
      do: (scheduler, { work }, cx) => {
        work(scheduler, cx);
        return accept();
      },
      crash: () => {
        throw new Error('the workshop fell');
      },
    },
  });

/** Starts one. `tasks()` is the scheduler of its present life. */
export async function openWorkshop(options: TaskOptions = {}) {
  let current: TaskScheduler | undefined;
  const world = await startWorld([worker(workshop(options, (made) => (current = made)))]);
  const ref = world.system.ref<WorkshopMessage>('top/workshop');
  const scheduler = (): TaskScheduler => current as TaskScheduler;
  return {
    ...world,
    ref,
    tasks: scheduler,
    /** Does something inside a handler, then lets everything come to rest. */
    async inside(work: (tasks: TaskScheduler, cx: Cx<WorkshopMessage>) => void): Promise<void> {
      ref.send({ type: 'do', work });
      await world.clock.settle();
    },
  };
}
