import { describe, expect, it } from 'vitest';
import {
  cancel,
  io,
  join,
  outcomeOf,
  pause,
  sleep,
  spawn,
  TASK_TRANSITIONS,
  type Task,
  type TaskState,
} from '../../../runtime/tasks/index.ts';
import { deferred } from '../support/deferred.ts';
import { openWorkshop } from './workshop.ts';

describe('a task', () => {
  it('takes every step of the table, and no other', async () => {
    const seen = new Set<string>();
    const shop = await openWorkshop({
      watch: (_task, from: TaskState, to: TaskState) => seen.add(`${from} ${to}`),
    });
    await shop.inside((tasks) => {
      const never = tasks.spawn(function* () {
        yield pause();
      });
      tasks.cancel(never);
      const ends = tasks.spawn(function* () {
        yield sleep(10);
        yield pause();
      });
      tasks.spawn(function* () {
        yield* join(ends);
        yield* cancel(yield* spawn(forever));
        yield sleep(1_000_000);
      });
      tasks.spawn(function* () {
        yield* spawn(forever);
        yield pause();
        throw new Error('it fell');
      });
    });
    await shop.clock.advance(20);
    await shop.inside((tasks) => {
      tasks.spawn(forever);
    });
    shop.ref.send({ type: 'crash' });
    await shop.clock.settle();

    const table = Object.entries(TASK_TRANSITIONS).flatMap(([from, all]) => all.map((to) => `${from} ${to}`));
    expect([...seen].sort()).toEqual(table.sort());
  });

  it('answers with types what it waited for', async () => {
    const shop = await openWorkshop();
    let sum = 0;
    await shop.inside((tasks) => {
      const seven = tasks.spawn(function* () {
        yield sleep(5);
        return 7;
      });
      tasks.spawn(function* () {
        const two: number = yield* io(() => Promise.resolve(2));
        const child: Task<number> = yield* spawn(function* () {
          yield pause();
          return 30;
        });
        sum = two + (yield* join(seven)) + (yield* join(child)) + (yield* join(seven));
      });
    });
    await shop.clock.advance(5);

    expect(sum).toBe(46);
    expect(shop.tasks().size).toBe(0);
  });

  it('hears a failure where it joins, as an error or as data', async () => {
    const shop = await openWorkshop({ onUnhandled: 'crash' });
    const heard: unknown[] = [];
    await shop.inside((tasks) => {
      const bad = tasks.spawn(function* () {
        yield sleep(1);
        throw new Error('no disk');
      });
      tasks.spawn(function* () {
        try {
          yield* join(bad);
        } catch (thrown) {
          heard.push((thrown as Error).message);
        }
        heard.push((yield* outcomeOf(bad)).kind);
      });
    });
    await shop.clock.advance(1);

    expect(heard).toEqual(['no disk', 'failed']);
    expect(shop.ref.incarnation).toBe(1);
  });

  it('fails with whom it joins, and not the actor', async () => {
    const shop = await openWorkshop();
    const ends: string[] = [];
    await shop.inside((tasks) => {
      const bad = tasks.spawn(function* () {
        yield pause();
        throw new Error('no disk');
      });
      tasks.spawn(
        function* () {
          yield* join(bad);
        },
        { onEnd: (outcome) => ends.push(outcome.kind) },
      );
    });

    expect(ends).toEqual(['failed']);
    expect(shop.ref.incarnation).toBe(1);
  });

  it('stops waiting for another after so long, and the other goes on', async () => {
    const shop = await openWorkshop();
    const heard: unknown[] = [];
    await shop.inside((tasks) => {
      const slow = tasks.spawn(function* () {
        yield sleep(100);
        heard.push('slow');
      });
      tasks.spawn(function* () {
        heard.push(yield* outcomeOf(slow, { withinMs: 10 }));
        try {
          yield* join(slow, { withinMs: 10 });
        } catch (thrown) {
          heard.push((thrown as { code: string }).code);
        }
      });
    });
    await shop.clock.advance(100);

    expect(heard).toEqual([{ kind: 'timed_out', withinMs: 10 }, 'TASK_JOIN_TIMED_OUT', 'slow']);
  });

  it('may not wait for one that waits for it', async () => {
    const shop = await openWorkshop();
    const codes: unknown[] = [];
    await shop.inside((tasks) => {
      const pair: Task[] = [];
      const other = (i: number) =>
        function* () {
          yield pause();
          try {
            yield* join(pair[i] as Task);
          } catch (thrown) {
            codes.push((thrown as { code: string }).code);
          }
        };
      pair.push(tasks.spawn(other(1)), tasks.spawn(other(0)));
    });

    expect(codes).toEqual(['TASK_JOIN_CYCLE']);
    expect(shop.tasks().size).toBe(0);
  });

  it('is told when it yields what is no call, or names a task of somebody else', async () => {
    const [shop, other] = [await openWorkshop(), await openWorkshop()];
    const codes: unknown[] = [];
    const foreign = other.tasks().spawn(forever);
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        for (const wrong of [5 as never, join(foreign), cancel(foreign)]) {
          try {
            yield wrong;
          } catch (thrown) {
            codes.push((thrown as { code: string }).code);
          }
        }
      });
    });

    expect(codes).toEqual(['TASK_NOT_A_CALL', 'TASK_FOREIGN', 'TASK_FOREIGN']);
    expect(() => shop.tasks().cancel(foreign)).toThrow(expect.objectContaining({ code: 'TASK_FOREIGN' }));
  });
});

describe('a cancelled task', () => {
  it('runs its finally blocks, which may wait', async () => {
    const shop = await openWorkshop();
    const diary: string[] = [];
    let task: Task | undefined;
    await shop.inside((tasks) => {
      task = tasks.spawn(function* () {
        try {
          yield sleep(1_000);
          diary.push('slept');
        } finally {
          diary.push('winds down');
          yield sleep(5);
          diary.push('is done');
        }
      });
    });
    await shop.inside((tasks) => void tasks.cancel(task as Task, 'enough'));
    expect(diary).toEqual(['winds down']);
    await shop.clock.advance(5);

    expect(diary).toEqual(['winds down', 'is done']);
    expect(task?.outcome).toEqual({ kind: 'cancelled', why: 'enough' });
    expect(shop.clock.armed).toBe(0);
  });

  it('takes its children along, unless they are detached', async () => {
    const shop = await openWorkshop();
    const ends: string[] = [];
    const note = (name: string) => ({
      name,
      onEnd: ({ kind }: { kind: string }) => ends.push(`${name} ${kind}`),
    });
    let parent: Task | undefined;
    await shop.inside((tasks) => {
      parent = tasks.spawn(function* () {
        yield* spawn(forever, note('child'));
        yield* spawn(forever, { ...note('free'), detached: true });
        yield sleep(1_000);
      }, note('parent'));
    });
    await shop.inside((tasks) => void tasks.cancel(parent as Task));

    expect(ends.sort()).toEqual(['child cancelled', 'parent cancelled']);
    expect(shop.tasks().list()).toMatchObject([{ name: 'free', state: 'waiting', waitsFor: 'sleep' }]);
  });

  it('aborts what it waits for, and looks at no late answer', async () => {
    const shop = await openWorkshop();
    const answer = deferred<string>();
    let signal: AbortSignal | undefined;
    let task: Task<string> | undefined;
    await shop.inside((tasks) => {
      task = tasks.spawn(function* () {
        return yield* io((given) => {
          signal = given;
          return answer.promise;
        }, 'disk');
      });
    });
    await shop.inside((tasks) => void tasks.cancel(task as Task));
    answer.resolve('late');
    await shop.clock.settle();

    expect(signal?.aborted).toBe(true);
    expect(task?.outcome?.kind).toBe('cancelled');
  });

  it('throws where it is joined', async () => {
    const shop = await openWorkshop();
    let code = '';
    await shop.inside((tasks) => {
      const victim = tasks.spawn(forever);
      tasks.spawn(function* () {
        try {
          yield* join(victim);
        } catch (thrown) {
          code = (thrown as { code: string }).code;
        }
      });
      tasks.spawn(function* () {
        yield* cancel(victim);
      });
    });

    expect(code).toBe('TASK_CANCELLED');
  });

  it('is gone with its parent, however that ends', async () => {
    const shop = await openWorkshop();
    await shop.inside((tasks) => {
      tasks.spawn(function* () {
        yield* spawn(forever);
      });
    });

    expect(shop.tasks().size).toBe(0);
  });
});

function* forever() {
  yield sleep(1_000_000);
}
