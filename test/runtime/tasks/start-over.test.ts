/** The journal of durable tasks begins anew when most of it is history. */
import { describe, expect, it } from 'vitest';
import { TaskRecord } from '../../../contracts/index.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { accept, defineActor, openJournal, worker } from '../../../runtime/index.ts';
import {
  type DurableTasks,
  durableTasks,
  pause,
  sleep,
  type TaskJournal,
  type TaskKind,
  type TaskScheduler,
  type TasksTurn,
  taskJournal,
  taskKind,
  tasks,
} from '../../../runtime/tasks/index.ts';
import { MemoryOfTasks } from '../../../runtime/tasks/memory-of-tasks.ts';
import { TaskLedger } from '../../../runtime/tasks/task-ledger.ts';
import { startWorld } from '../support/world.ts';

interface Office {
  readonly scheduler: TaskScheduler;
  readonly durable: DurableTasks;
}
type OfficeMessage = TasksTurn | { readonly type: 'do'; readonly work: (office: Office) => void };

/** Counts to its argument, saving each number, and waits at the last if it is told to. */
function counting(ran: string[], waits = false) {
  return taskKind<{ name: string; to: number }, number, string>({
    name: 'count',
    *run({ name, to }, { saved = 0, save }) {
      for (let n = saved; n < to; n++) {
        ran.push(`${name} ${n}`);
        yield pause();
        yield* save(n + 1);
      }
      if (waits && name.startsWith('slow')) yield sleep(1_000_000);
      return `${name} is ${to}`;
    },
  });
}

async function openOffice(journal: TaskJournal, kind: TaskKind) {
  const office = defineActor<Office, OfficeMessage>({
    name: 'office',
    async fresh(cx) {
      const scheduler = tasks(cx);
      const options = { journal, kinds: [kind], startOverAfter: 40, endedMax: 50 };
      return { scheduler, durable: await durableTasks(cx, scheduler, options) };
    },
    decide: {
      'tasks.turn': ({ scheduler }, turn) => scheduler.turn(turn),
      do: (state, { work }) => {
        work(state);
        return accept();
      },
    },
  });
  const world = await startWorld([worker(office)]);
  const inside = async (work: (office: Office) => void) => {
    world.system.ref<OfficeMessage>('top/office').send({ type: 'do', work });
    await world.clock.settle();
  };
  return { ...world, inside };
}

const open = (disk: MemoryDisk, pid = 1) =>
  openJournal({ disk, folder: '/tasks', processes: memoryProcesses(pid), segmentBytes: 2 << 10 });

describe('a journal that holds nothing but durable tasks', () => {
  it('keeps what still counts and lets the rest go, however many tasks end', async () => {
    const disk = memoryDisk();
    const { journal } = await open(disk);
    const ran: string[] = [];
    const kind = counting(ran, true);
    const first = await openOffice(taskJournal(journal, 1, { alone: true }), kind as TaskKind);
    await first.inside(({ durable }) => void durable.start(kind, 'slow', { name: 'slow', to: 3 }));
    for (let n = 0; n < 300; n++)
      await first.inside(({ durable }) => void durable.start(kind, `t${n}`, { name: `t${n}`, to: 2 }));
    expect(journal.last).toBeGreaterThan(1_200);
    expect(journal.last - journal.first).toBeLessThan(300);
    await first.system.stop();
    await journal.close();

    ran.length = 0;
    const again = await open(disk);
    const second = await openOffice(taskJournal(again.journal, 1, { alone: true }), kind as TaskKind);
    const outcomes: unknown[] = [];
    let unfinished: readonly string[] = [];
    await second.inside(({ durable }) => {
      unfinished = durable.unfinished();
      const task = durable.start(kind, 't299', { name: 't299', to: 2 });
      outcomes.push(task);
    });
    expect(unfinished).toEqual(['slow']);
    expect(outcomes).toMatchObject([{ outcome: { kind: 'completed', value: 't299 is 2' } }]);
    expect(ran).toEqual([]);
  });

  it('keeps everything while others write there too', async () => {
    const { journal } = await open(memoryDisk());
    const kind = counting([]);
    const { inside } = await openOffice(taskJournal(journal, 1), kind as TaskKind);
    for (let n = 0; n < 100; n++)
      await inside(({ durable }) => void durable.start(kind, `t${n}`, { name: `t${n}`, to: 1 }));
    expect([journal.first, journal.last]).toEqual([1, 300]);
  });

  it('forgets no end and no progress that was safe, wherever the plug is pulled', async () => {
    for (let cut = 20; cut <= 200; cut += 7) {
      const disk = memoryDisk();
      const { journal } = await open(disk);
      const safe = new Map<string, number>();
      const inner = taskJournal(journal, 1, { alone: true });
      const watched: TaskJournal = {
        ...inner,
        async append(record) {
          await inner.append(record);
          const { what, task, value } = record;
          if (what === 'progress') safe.set(task, value as number);
          if (what === 'completed') safe.set(task, 99);
        },
      };
      const kind = counting([]);
      const first = await openOffice(watched, kind as TaskKind);
      disk.fail({ operation: 'change', nth: cut, code: 'DISK_FAILED', lasting: true });
      for (let n = 0; n < 40; n += 4)
        await first.inside(({ durable }) => {
          for (let m = n; m < n + 4; m++) durable.start(kind, `t${m}`, { name: `t${m}`, to: 3 });
        });
      disk.crash(randomStream(cut));

      const ran: string[] = [];
      const after = counting(ran);
      const again = await open(disk, 2);
      const second = await openOffice(taskJournal(again.journal, 1, { alone: true }), after as TaskKind);
      await second.clock.settle();
      for (const step of ran) {
        const [task = '', n] = step.split(' ');
        expect(Number(n)).toBeGreaterThanOrEqual(safe.get(task) ?? 0);
      }
    }
    // Twenty-six offices and as many again after the crash: a second and a half, on a processor of its own.
  }, 60_000);
});

describe('a ledger of tasks', () => {
  const record = (task: string, what: TaskRecord['what'], value: unknown = null) =>
    TaskRecord.of({ what, task, kind: 'k', value });

  async function slowLedger() {
    const [asked, again]: [(() => void)[], (readonly TaskRecord[])[]] = [[], []];
    const journal: TaskJournal = {
      append: () => new Promise((resolve) => asked.push(resolve)),
      async *read() {},
      startOver: async (records) => void again.push(records),
    };
    const memory = new MemoryOfTasks(10);
    const controller = new AbortController();
    const { signal } = controller;
    const ledger = new TaskLedger({ journal, memory, startOverAfter: 3, signal });
    for (const what of ['spawned', 'progress'] as const) {
      const written = ledger.write(record('a', what));
      asked.shift()?.();
      await written;
    }
    const both = [7, 8].map((n) => ledger.write(record('a', 'progress', n)));
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    asked.shift()?.();
    await settle();
    return { asked, again, both, controller };
  }

  it('does not begin anew while a record is under way that it would miss', async () => {
    const { asked, again, both } = await slowLedger();
    expect(again).toEqual([]);
    asked.shift()?.();
    await Promise.all(both);
    const saved = again.map((records) => records.map(({ value }) => (value as { saved: unknown }).saved));
    expect(saved).toEqual([[8]]);
  });

  it('says nothing old again when another life may be writing', async () => {
    const { asked, again, both, controller } = await slowLedger();
    controller.abort();
    asked.shift()?.();
    await Promise.all(both);
    expect(again).toEqual([]);
  });
});

describe('a task that is cancelled before its first step in a new life', () => {
  it('is not run again in the next', async () => {
    const { journal } = await open(memoryDisk());
    const ran: string[] = [];
    const kind = counting(ran, true);
    const first = await openOffice(taskJournal(journal, 1), kind as TaskKind);
    await first.inside(({ durable }) => void durable.start(kind, 'slow', { name: 'slow', to: 1 }));
    await first.system.stop();
    const held = taskJournal(journal, 1);
    // The scheduler is stopped by the very message that comes before the first turn.
    const second = defineActor<Office, OfficeMessage>({
      name: 'office',
      async fresh(cx) {
        const scheduler = tasks(cx);
        const durable = await durableTasks(cx, scheduler, { journal: held, kinds: [kind as TaskKind] });
        durable.cancel('slow');
        return { scheduler, durable };
      },
      decide: { 'tasks.turn': ({ scheduler }, turn) => scheduler.turn(turn), do: () => accept() },
    });
    const world = await startWorld([worker(second)]);
    await world.clock.settle();
    await world.system.stop();
    ran.length = 0;

    const third = await openOffice(taskJournal(journal, 1), kind as TaskKind);
    let unfinished: readonly string[] = ['slow'];
    await third.inside(({ durable }) => {
      unfinished = durable.unfinished();
    });
    expect(unfinished).toEqual([]);
    expect(ran).toEqual([]);
  });
});
