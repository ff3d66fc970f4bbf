import { describe, expect, it } from 'vitest';
import type { TaskRecord } from '../../../contracts/index.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryJournal } from '../../../runtime/adapters/memory/journal.ts';
import { accept, defineActor, worker } from '../../../runtime/index.ts';
import {
  type DurableTasks,
  durableTasks,
  outcomeOf,
  pause,
  sleep,
  type Task,
  type TaskEnd,
  type TaskJournal,
  type TaskKind,
  type TaskScheduler,
  type TasksTurn,
  taskJournal,
  taskKind,
  tasks,
} from '../../../runtime/tasks/index.ts';
import { startWorld } from '../support/world.ts';

interface Office {
  readonly scheduler: TaskScheduler;
  readonly durable: DurableTasks;
}

type OfficeMessage = TasksTurn | { readonly type: 'do'; readonly work: (office: Office) => void };

const office = (journal: TaskJournal, kinds: readonly TaskKind[]) =>
  defineActor<Office, OfficeMessage>({
    name: 'office',
    async fresh(cx) {
      const scheduler = tasks(cx);
      return { scheduler, durable: await durableTasks(cx, scheduler, { journal, kinds }) };
    },
    decide: {
      'tasks.turn': ({ scheduler }, turn) => scheduler.turn(turn),
      do: (state, { work }) => {
        work(state);
        return accept();
      },
    },
  });

async function openOffice(journal: TaskJournal, kinds: readonly TaskKind[]) {
  const world = await startWorld([worker(office(journal, kinds))]);
  const ref = world.system.ref<OfficeMessage>('top/office');
  return {
    ...world,
    ref,
    async inside(work: (office: Office) => void): Promise<void> {
      ref.send({ type: 'do', work });
      await world.clock.settle();
    },
  };
}

/** Copies pages one by one, and remembers each in `copied`. */
function copier(copied: string[]) {
  return taskKind<{ book: string; pages: number }, number, string>({
    name: 'copy',
    *run({ book, pages }, { saved = 0, save }) {
      for (let page = saved; page < pages; page++) {
        copied.push(`${book} ${page}`);
        yield pause();
        yield* save(page + 1);
      }
      return `${book} is copied`;
    },
  });
}

/** A journal that fails once, before or after its `nth` record (1-based) is safe. */
function failing(inner: TaskJournal, nth: number, when: 'before' | 'after'): TaskJournal {
  let appends = 0;
  return {
    async append(record) {
      const fails = ++appends === nth;
      if (fails && when === 'before') throw new Error('the power went');
      await inner.append(record);
      if (fails && when === 'after') throw new Error('the power went');
    },
    read: () => inner.read(),
  };
}

const records = async (journal: TaskJournal) => {
  const all: TaskRecord[] = [];
  for await (const record of journal.read()) all.push(record);
  return all;
};

describe('a durable task', () => {
  it('is written down from start to end', async () => {
    const journal = taskJournal(await memoryJournal(), 9);
    const copy = copier([]);
    const shop = await openOffice(journal, [copy as TaskKind]);
    await shop.inside(({ durable }) => void durable.start(copy, 'job-1', { book: 'a', pages: 2 }));

    expect(await records(journal)).toMatchObject([
      { what: 'spawned', task: 'job-1', kind: 'copy', value: { book: 'a', pages: 2 } },
      { what: 'progress', value: 1 },
      { what: 'progress', value: 2 },
      { what: 'completed', value: 'a is copied' },
    ]);
  });

  const crashes = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((nth) =>
    (['before', 'after'] as const).map((when) => [nth, when] as const),
  );
  it.each(crashes)('goes on after a crash at record %i, %s it is safe', async (nth, when) => {
    const safe = taskJournal(await memoryJournal(), 1);
    const copied: string[] = [];
    const copy = copier(copied);
    const shop = await openOffice(failing(safe, nth, when), [copy as TaskKind]);
    const begin = ({ durable }: Office) => {
      durable.start(copy, 'job-a', { book: 'a', pages: 2 });
      durable.start(copy, 'job-b', { book: 'b', pages: 2 });
    };
    await shop.inside(begin);
    expect(shop.ref.incarnation).toBe(2);
    const ends: TaskEnd[] = [];
    // whoever ordered the work orders it again, for it cannot know how far the order came
    await shop.inside(begin);
    await shop.inside(({ durable, scheduler }) => {
      const jobs = [
        durable.start(copy, 'job-a', { book: 'a', pages: 2 }),
        durable.start(copy, 'job-b', { book: 'b', pages: 2 }),
      ];
      scheduler.spawn(function* () {
        for (const job of jobs) ends.push(yield* outcomeOf(job));
      });
    });

    expect(ends).toEqual([
      { kind: 'completed', value: 'a is copied' },
      { kind: 'completed', value: 'b is copied' },
    ]);
    // what was on its way to the journal when the actor fell may arrive after all, and then be written again
    const done = (await records(safe)).filter(({ what }) => what === 'completed');
    expect(new Set(done.map(({ task }) => task))).toEqual(new Set(['job-a', 'job-b']));
    // each page once, and those under way when it fell at most twice
    expect(new Set(copied)).toEqual(new Set(['a 0', 'a 1', 'b 0', 'b 1']));
    expect(copied.length).toBeLessThanOrEqual(6);
  });

  it('that ended is not run again, in this life or the next', async () => {
    const disk = memoryDisk();
    const copied: string[] = [];
    const copy = copier(copied);
    const first = await memoryJournal(disk);
    const before = await openOffice(taskJournal(first, 1), [copy as TaskKind]);
    await before.inside(({ durable }) => void durable.start(copy, 'job', { book: 'a', pages: 1 }));
    await before.system.stop();
    await first.close();
    const after = await openOffice(taskJournal(await memoryJournal(disk), 1), [copy as TaskKind]);
    let again: Task<string> | undefined;
    await after.inside(({ durable }) => {
      again = durable.start(copy, 'job', { book: 'a', pages: 1 });
    });

    expect(copied).toEqual(['a 0']);
    expect(again?.outcome).toEqual({ kind: 'completed', value: 'a is copied' });
  });

  it('that failed has failed for good', async () => {
    const journal = taskJournal(await memoryJournal(), 1);
    let runs = 0;
    const bad = taskKind<null, never, never>({
      name: 'bad',
      *run() {
        runs++;
        yield pause();
        throw new Error('unreadable');
      },
    });
    const first = await openOffice(journal, [bad as TaskKind]);
    await first.inside(({ durable }) => void durable.start(bad, 'job', null));
    await first.system.stop();
    const second = await openOffice(journal, [bad as TaskKind]);
    let task: Task | undefined;
    await second.inside(({ durable }) => {
      task = durable.start(bad, 'job', null);
    });

    expect(runs).toBe(1);
    expect(task?.outcome).toMatchObject({ kind: 'failed', error: { message: 'unreadable' } });
    expect(first.ref.incarnation).toBeLessThan(2);
  });

  it('that is cancelled stays so; one that its actor leaves behind goes on', async () => {
    const journal = taskJournal(await memoryJournal(), 1);
    let runs = 0;
    const slow = taskKind<null, never, void>({
      name: 'slow',
      *run() {
        runs++;
        yield sleep(1_000);
      },
    });
    const first = await openOffice(journal, [slow as TaskKind]);
    await first.inside(({ durable }) => {
      durable.start(slow, 'stays', null);
      durable.start(slow, 'goes', null);
    });
    await first.inside(({ durable }) => expect(durable.cancel('goes')).toBe(true));
    await first.system.stop();
    const second = await openOffice(journal, [slow as TaskKind]);
    await second.clock.settle();

    expect(runs).toBe(3);
    await second.inside(({ durable }) => {
      expect(durable.unfinished()).toEqual(['stays']);
      expect(durable.cancel('goes')).toBe(false);
    });
    expect((await records(journal)).map(({ what }) => what)).toEqual(['spawned', 'spawned', 'cancelled']);
  });

  it('needs its kind to be known, and its id to itself', async () => {
    const journal = taskJournal(await memoryJournal(), 1);
    const [copy, other] = [copier([]), { ...copier([]), name: 'other' }];
    await journal.append({
      type: 'runtime.task.recorded',
      v: 1,
      what: 'spawned',
      task: 'job',
      kind: 'copy',
      value: { book: 'a', pages: 1 },
    });
    await expect(openOffice(journal, [])).rejects.toMatchObject({ cause: { code: 'TASK_KIND_UNKNOWN' } });
    const shop = await openOffice(journal, [copy as TaskKind]);
    await shop.inside(({ durable }) => {
      expect(() => durable.start(other, 'job', { book: 'a', pages: 1 })).toThrow(
        expect.objectContaining({ code: 'TASK_ID_TAKEN' }),
      );
    });
  });

  it('is not read from what is no record of a task', async () => {
    const journal = await memoryJournal();
    await journal.append(1, Uint8Array.of(1, 2, 3));

    await expect(records(taskJournal(journal, 1))).rejects.toMatchObject({ code: 'TASK_RECORD_UNREADABLE' });
    expect(await records(taskJournal(journal, 2))).toEqual([]);
  });
});
