import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadyQueue } from '../../../runtime/tasks/ready-queue.ts';
import { Sleepers } from '../../../runtime/tasks/sleepers.ts';
import type { TaskPriority } from '../../../runtime/tasks/task.ts';
import { TaskCell, Wait } from '../../../runtime/tasks/task-cell.ts';

const AGE = 8;
const anyClass = fc.integer({ min: 0, max: 4 }) as fc.Arbitrary<TaskPriority>;
const taskOf = (id: number, priority: TaskPriority) =>
  new TaskCell(null as never, id, function* () {}, { priority }, null);

describe('the ready queue', () => {
  it('serves a class in the order in which its tasks became ready', () => {
    fc.assert(
      fc.property(fc.array(anyClass, { minLength: 1, maxLength: 60 }), (classes) => {
        const queue = new ReadyQueue(AGE);
        classes.forEach((priority, i) => {
          queue.push(taskOf(i, priority), i, 0);
        });
        const served = new Map<number, number>();
        for (let step = classes.length; queue.size > 0; step++) {
          const { id, priority } = queue.take(step, 0) as TaskCell;

          expect(id).toBeGreaterThan(served.get(priority) ?? -1);
          served.set(priority, id);
        }
      }),
    );
  });

  it('serves the classes in order while nobody has waited for long', () => {
    fc.assert(
      fc.property(fc.array(anyClass, { maxLength: AGE - 1 }), (classes) => {
        const queue = new ReadyQueue(AGE);
        for (const [i, priority] of classes.entries()) queue.push(taskOf(i, priority), 0, 0);
        const served = classes.map((_, step) => queue.take(step, 0)?.priority);

        expect(served).toEqual(classes.toSorted());
      }),
    );
  });

  it('lets nobody starve: n others are ready, then at most n + class * age go first', () => {
    const busy = fc.array(anyClass, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(busy, anyClass, (others, priority) => {
        const queue = new ReadyQueue(AGE);
        for (const [i, one] of others.entries()) queue.push(taskOf(i + 1, one), 0, 0);
        const patient = taskOf(0, priority);
        queue.push(patient, 0, 0);
        let before = 0;
        for (let step = 0; ; step++, before++) {
          const next = queue.take(step, 0) as TaskCell;
          if (next === patient) break;
          queue.push(next, step + 1, 0);
        }

        expect(before).toBeLessThanOrEqual(others.length + priority * AGE);
      }),
    );
  });

  it('remembers the worst wait of each class until it is asked', () => {
    const queue = new ReadyQueue(AGE);
    queue.push(taskOf(1, 1), 0, 100);
    queue.push(taskOf(2, 3), 0, 110);
    queue.take(0, 130);

    expect(queue.worstWaitsMs(150)).toEqual([0, 30, 0, 40, 0]);
    expect(queue.worstWaitsMs(160)).toEqual([0, 0, 0, 50, 0]);
    expect([1, 3].map((one) => queue.sizeOf(one))).toEqual([0, 1]);
  });
});

describe('sleepers', () => {
  it('wake by time, then by who came first, and those removed never', () => {
    const program = fc.array(fc.record({ dueMs: fc.nat(20), stays: fc.boolean() }), { maxLength: 80 });
    fc.assert(
      fc.property(program, (all) => {
        const sleepers = new Sleepers();
        const waits = all.map(({ dueMs }, i) => {
          const wait = new Wait(taskOf(i, 2));
          sleepers.add(wait, dueMs);
          return wait;
        });
        for (const [i, wait] of waits.entries()) if (!all[i]?.stays) sleepers.remove(wait);
        const expected = all
          .map(({ dueMs, stays }, i) => ({ i, dueMs, stays }))
          .filter(({ stays }) => stays)
          .sort((a, b) => a.dueMs - b.dueMs || a.i - b.i);
        expect(sleepers.earliestMs).toBe(expected[0]?.dueMs ?? Number.POSITIVE_INFINITY);
        const woken: number[] = [];
        for (let wait = sleepers.takeDue(20); wait !== null; wait = sleepers.takeDue(20))
          woken.push(wait.task.id);

        expect(woken).toEqual(expected.map(({ i }) => i));
      }),
    );
  });

  it('sleep on until it is time', () => {
    const sleepers = new Sleepers();
    sleepers.add(new Wait(taskOf(1, 2)), 10);

    expect(sleepers.takeDue(9)).toBeNull();
    expect(sleepers.takeDue(10)?.task.id).toBe(1);
    expect(sleepers.size).toBe(0);
  });
});
