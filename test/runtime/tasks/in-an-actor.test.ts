import { describe, expect, it } from 'vitest';
import type { TaskFeedback } from '../../../contracts/index.ts';
import { io, pause, sleep, spawn, type Task } from '../../../runtime/index.ts';
import { openWorkshop } from './workshop.ts';

describe('tasks in an actor', () => {
  it('let the mailbox have its turn', async () => {
    const shop = await openWorkshop({ turnSteps: 10 });
    let [steps, stepsThen] = [0, -1];
    shop.ref.send({
      type: 'do',
      work: (tasks) => {
        tasks.spawn(function* () {
          for (; steps < 1_000; steps++) yield pause();
          shop.ref.send({ type: 'do', work: () => {} });
        });
        tasks.spawn(function* () {
          yield pause();
          shop.ref.send({
            type: 'do',
            work: () => {
              stepsThen = steps;
            },
          });
        });
      },
    });
    await shop.clock.settle();

    expect(steps).toBe(1_000);
    expect(stepsThen).toBeLessThan(20);
  });

  it('end a turn when its milliseconds are over', async () => {
    const shop = await openWorkshop({ turnMs: 0, turnSteps: 1_000_000, sampleMs: 10 });
    const samples: TaskFeedback[] = [];
    const watched = await openWorkshop({
      turnMs: 0,
      turnSteps: 1_000_000,
      sampleMs: 10,
      publish: (sample) => samples.push(sample),
    });
    await watched.inside((tasks) => {
      tasks.spawn(function* () {
        for (let i = 0; i < 640; i++) yield pause();
        yield sleep(50);
      });
    });
    await watched.clock.advance(10);

    expect(samples[0]).toMatchObject({ spentTurns: 10, turns: 12, steps: 641 });
    await shop.system.stop();
  });

  it('end with its life: waits aborted, finally blocks run, timers gone', async () => {
    const shop = await openWorkshop();
    const diary: string[] = [];
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        try {
          yield* io((signal) => {
            signal.addEventListener('abort', () => diary.push('aborted'));
            return new Promise<void>(() => {});
          });
        } finally {
          diary.push('cleaned');
        }
      });
      tasks.spawn(function* () {
        try {
          yield sleep(10);
          diary.push('never');
        } finally {
          diary.push('woken');
        }
      });
    });
    shop.ref.send({ type: 'crash' });
    await shop.clock.advance(20);

    expect(diary).toEqual(['aborted', 'woken', 'cleaned']);
    // the message that crashed it had its second chance
    expect(shop.ref.incarnation).toBe(3);
    expect(shop.tasks().size).toBe(0);
    expect(shop.clock.armed).toBe(0);
  });

  it('work in the next life as in the first', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => void tasks.spawn(() => forever()));
    shop.ref.send({ type: 'crash' });
    await shop.clock.settle();
    let done = false;
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        yield sleep(1);
        done = true;
      });
    });
    await shop.clock.advance(1);

    expect(done).toBe(true);
  });

  it('leave the actor alone when they fail, and say so', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => void tasks.spawn(fails, { name: 'bad' }));

    expect(shop.ref.incarnation).toBe(1);
    expect(shop.metrics.value('esper_task_failures_total', { tasks: 'tasks' })).toBe(1);
  });

  it('crash the actor when they fail unheard, if that is wanted', async () => {
    const shop = await openWorkshop({ onUnhandled: 'crash' });
    await shop.inside((tasks) => void tasks.spawn(fails, { onEnd() {} }));
    expect(shop.ref.incarnation).toBe(1);
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        yield* spawn(fails);
        yield sleep(1);
      });
    });
    expect(shop.ref.incarnation).toBe(1);
    await shop.clock.advance(1);

    expect(shop.ref.incarnation).toBe(2);
  });

  it('start no more once stopped', async () => {
    const shop = await openWorkshop();
    let task: Task | undefined;
    await shop.inside((tasks) => {
      task = tasks.spawn(() => forever());
    });
    await shop.inside((tasks) => tasks.stop('closing time'));

    expect(task?.outcome).toEqual({ kind: 'cancelled', why: 'closing time' });
    expect(() => shop.tasks().spawn(() => forever())).toThrow(
      expect.objectContaining({ code: 'TASKS_STOPPED' }),
    );
  });

  it('are listed with what they wait for', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => {
      tasks.spawn(() => forever(), { name: 'sleeper', priority: 4 });
      tasks.spawn(function* () {
        yield* io(() => new Promise<void>(() => {}), 'disk');
      });
    });

    expect(shop.tasks().list()).toMatchObject([
      { id: 1, name: 'sleeper', priority: 4, state: 'waiting', waitsFor: 'sleep', steps: 1, parent: 0 },
      { id: 2, name: 'task', priority: 2, waitsFor: 'io disk' },
    ]);
    expect(shop.tasks().describe(2)?.waitsFor).toBe('io disk');
    expect(shop.tasks().describe(3)).toBeUndefined();
  });

  it('are many: a hundred thousand', async () => {
    const shop = await openWorkshop({ turnSteps: 100_000, turnMs: 10_000 });
    let done = 0;
    function* nap() {
      yield pause();
      yield sleep(5);
      done++;
    }
    await shop.inside((tasks) => {
      for (let i = 0; i < 100_000; i++) tasks.spawn(nap);
    });
    expect(shop.clock.armed).toBe(1);
    await shop.clock.advance(5);

    expect(done).toBe(100_000);
    expect(shop.clock.armed).toBe(0);
  });
});

describe('feedback', () => {
  it('tells of hunger, excess and waiting, interval by interval', async () => {
    const samples: TaskFeedback[] = [];
    const shop = await openWorkshop({
      sampleMs: 100,
      publish: (sample) => samples.push(sample),
      name: 'jobs',
    });
    await shop.inside((tasks) => {
      tasks.spawn(() => forever());
      tasks.spawn(function* () {
        yield* io(() => new Promise<void>(() => {}), 'disk');
      });
    });
    await shop.clock.advance(200);

    expect(samples).toHaveLength(2);
    expect(samples[1]).toMatchObject({
      type: 'runtime.tasks.sampled',
      actor: 'top/workshop',
      scheduler: 'jobs',
      intervalMs: 100,
      ready: 0,
      waiting: 2,
      steps: 0,
      overcommit: 0,
      ioHeat: [{ label: 'disk', waits: 0, meanWaiting: 1, share: 0.5 }],
    });
    expect(shop.metrics.value('esper_tasks', { tasks: 'jobs', state: 'waiting' })).toBe(2);
  });

  it('costs no timer when there is nothing to tell', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => void tasks.spawn(() => forever(1)));
    expect(shop.clock.armed).toBe(1);
    await shop.clock.advance(1);

    expect(shop.clock.armed).toBe(0);
  });
});

function* forever(ms = 1_000_000) {
  yield sleep(ms);
}

function* fails() {
  yield pause();
  throw new Error('it fell');
}
