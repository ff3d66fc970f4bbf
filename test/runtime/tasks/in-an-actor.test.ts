import { describe, expect, it } from 'vitest';
import type { TaskFeedback } from '../../../contracts/index.ts';
import {
  io,
  outcomeOf,
  pause,
  sleep,
  spawn,
  type Task,
  type TaskHome,
  type TasksTurn,
  tasks,
} from '../../../runtime/tasks/index.ts';
import { worldPorts } from '../support/world.ts';
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

  it('end when the group goes back in time, and others may begin then', async () => {
    const { clock, ports } = worldPorts();
    const turns: TasksTurn[] = [];
    let stretch = new AbortController();
    const home: TaskHome = {
      ...ports,
      path: 'top/a',
      nowMs: clock.nowMs,
      get signal() {
        return stretch.signal;
      },
      soon: (turn) => void turns.push(turn),
      after: () => () => {},
      fail: () => {},
    };
    const scheduler = tasks(home);
    const diary: string[] = [];
    const note = function* (word: string) {
      try {
        yield sleep(10);
      } finally {
        diary.push(word);
      }
    };
    scheduler.spawn(() => note('before'));
    scheduler.turn(turns.shift() as TasksTurn);
    const unseen = scheduler.spawn(() => note('never begun'));
    const past = stretch;
    stretch = new AbortController();
    turns.length = 0;
    past.abort();
    expect([scheduler.size, unseen.state]).toEqual([0, 'cancelled']);
    scheduler.spawn(() => note('after'));
    // one of them takes the group back itself, in the middle of its step
    scheduler.spawn(function* () {
      stretch.abort();
      yield* note('in the middle');
    });
    scheduler.turn(turns.shift() as TasksTurn);

    expect(diary).toEqual(['before', 'after', 'in the middle']);
    expect(scheduler.size).toBe(0);
  });

  it('say so when they do not end cleanly with it', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        try {
          yield sleep(10);
        } finally {
          tasks.spawn(() => forever());
        }
      });
    });
    await shop.system.stop();

    expect(shop.log.lines.map(({ text }) => text)).toContain('a task did not end cleanly with its actor');
  });

  it('do not keep others waiting by asking for much at once', async () => {
    const shop = await openWorkshop();
    let [started, startedThen] = [0, -1];
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        for (; started < 1_000; started++) yield* spawn(() => forever(0));
      });
      tasks.spawn(function* () {
        startedThen = started;
        yield pause();
      });
    });

    expect(started).toBe(1_000);
    expect(startedThen).toBeLessThan(100);
  });

  it('are unheard when whoever waited for them gave up before they failed', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => {
      const late = tasks.spawn(function* () {
        yield sleep(10);
        throw new Error('too late');
      });
      tasks.spawn(function* () {
        yield* outcomeOf(late, { withinMs: 1 });
      });
    });
    await shop.clock.advance(10);

    expect(shop.metrics.value('esper_task_failures_total', { tasks: 'tasks' })).toBe(1);
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
