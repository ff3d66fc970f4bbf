/** Who is next: five lines, one a class; who has waited long enough is served before a class above. */
import { TASK_CLASSES } from './task.ts';
import type { TaskCell } from './task-cell.ts';

/**
 * A task that became ready when `n` tasks were ready has its step after at most `n + class * ageAfterSteps` others:
 * by then it counts as class 0, and of those only tasks that were ready before it are served first.
 */
export class ReadyQueue {
  readonly #heads: (TaskCell | null)[] = new Array<TaskCell | null>(TASK_CLASSES).fill(null);
  readonly #tails: (TaskCell | null)[] = new Array<TaskCell | null>(TASK_CLASSES).fill(null);
  readonly #sizes = new Int32Array(TASK_CLASSES);
  readonly #worstMs = new Float64Array(TASK_CLASSES);
  readonly #ageAfterSteps: number;
  /** Bit n: somebody waits in class n. */
  #occupied = 0;
  #size = 0;

  /** @param ageAfterSteps steps of others after which a task counts as one class higher */
  constructor(ageAfterSteps: number) {
    this.#ageAfterSteps = ageAfterSteps;
  }

  get size(): number {
    return this.#size;
  }

  sizeOf(priority: number): number {
    return this.#sizes[priority] as number;
  }

  push(task: TaskCell, step: number, nowMs: number): void {
    const { priority } = task;
    task.readyStep = step;
    task.readyMs = nowMs;
    task.next = null;
    const tail = this.#tails[priority] as TaskCell | null;
    if (tail === null) {
      this.#heads[priority] = task;
      this.#occupied |= 1 << priority;
    } else {
      tail.next = task;
    }
    this.#tails[priority] = task;
    this.#sizes[priority]!++;
    this.#size++;
  }

  /** @param step how many steps were made so far */
  take(step: number, nowMs: number): TaskCell | null {
    const occupied = this.#occupied;
    if (occupied === 0) return null;
    const alone = (occupied & (occupied - 1)) === 0;
    const priority = alone ? 31 - Math.clz32(occupied) : this.#foremost(step);
    const task = this.#heads[priority] as TaskCell;
    this.#heads[priority] = task.next;
    if (task.next === null) {
      this.#tails[priority] = null;
      this.#occupied &= ~(1 << priority);
    }
    task.next = null;
    this.#sizes[priority]!--;
    this.#size--;
    const waitedMs = nowMs - task.readyMs;
    if (waitedMs > (this.#worstMs[priority] as number)) this.#worstMs[priority] = waitedMs;
    return task;
  }

  /** The longest wait of each class since this was last asked, those still waiting included, in milliseconds. */
  worstWaitsMs(nowMs: number): readonly number[] {
    return Array.from(this.#heads, (head, priority) => {
      const seen = this.#worstMs[priority] as number;
      this.#worstMs[priority] = 0;
      return head === null ? seen : Math.max(seen, nowMs - head.readyMs);
    });
  }

  clear(): void {
    this.#heads.fill(null);
    this.#tails.fill(null);
    this.#sizes.fill(0);
    this.#occupied = 0;
    this.#size = 0;
  }

  /** Within a class the first has waited longest, so the five first are all there is to compare. */
  #foremost(step: number): number {
    let best = -1;
    let bestClass = TASK_CLASSES;
    let bestSince = 0;
    for (let priority = 0; priority < TASK_CLASSES; priority++) {
      const head = this.#heads[priority] as TaskCell | null;
      if (head === null) continue;
      const classesRisen = Math.floor((step - head.readyStep) / this.#ageAfterSteps);
      const counted = Math.max(0, priority - classesRisen);
      if (counted > bestClass || (counted === bestClass && head.readyStep >= bestSince)) continue;
      best = priority;
      bestClass = counted;
      bestSince = head.readyStep;
    }
    return best;
  }
}
