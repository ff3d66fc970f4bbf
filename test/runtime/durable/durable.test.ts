/** Durable actors: what they said yes to is never forgotten, and what was not written has not happened. */
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import {
  type ActorDefinition,
  accept,
  type EventStore,
  type FailPoint,
  worker,
} from '../../../runtime/index.ts';
import { deferred } from '../support/deferred.ts';
import { type Ledger, ledger, put, type Seen, soon, sum, world } from './ledger.ts';

describe('a durable actor', () => {
  it('knows after a crash, and in another system, what it had said yes to', async () => {
    const disk = memoryDisk();
    const events = await memoryEventStore(disk);
    const first = await world([worker(ledger('a'))], { events });
    for (const amount of [5, 7, -2]) expect(await first.ref('a').ask(put(amount), soon)).toBe('done');
    first.ref('a').send({ type: 'fail' });
    first.ref('a').send({ type: 'fail' });
    expect(await first.ref('a').ask(sum, soon)).toBe(10);
    expect(first.ref('a').incarnation).toBeGreaterThan(1);
    await first.system.stop();
    await events.close();

    const again = await world([worker(ledger('a'))], { events: await memoryEventStore(disk) });
    expect(await again.ref('a').ask(sum, soon)).toBe(10);
  });

  it('writes no event of a refusal', async () => {
    const events = await memoryEventStore();
    const { ref } = await world([worker(ledger('a'))], { events });

    await expect(ref('a').ask(put(-1), soon)).rejects.toMatchObject({
      code: 'ACTOR_REFUSED',
      details: { refused: 'LEDGER_OVERDRAWN' },
    });
    expect(await events.highest('top/a')).toBe(0);
  });

  it('answers only when its events are on the device, and takes the next message only then', async () => {
    const events = await memoryEventStore();
    const gate = deferred<void>();
    const slow = Object.assign(Object.create(events) as EventStore, {
      snapshots: events.snapshots,
      append: async (...args: Parameters<EventStore['append']>) => {
        await gate.promise;
        return events.append(...args);
      },
      read: events.read.bind(events),
      highest: events.highest.bind(events),
    });
    const { ref, clock } = await world([worker(ledger('a'))], { events: slow });
    const answers: unknown[] = [];
    void ref('a')
      .ask(put(3), soon)
      .then((answer) => answers.push(answer));
    void ref('a')
      .ask(sum, soon)
      .then((answer) => answers.push(answer));
    await clock.settle();
    expect(answers).toEqual([]);
    gate.resolve();
    await clock.settle();

    expect(answers).toEqual(['done', 3]);
  });

  it('writes what an async handler decided, too', async () => {
    const events = await memoryEventStore();
    const { ref } = await world([worker(ledger('a'))], { events });

    expect(await ref('a').ask({ type: 'put_slowly', amount: 4, until: Promise.resolve() }, soon)).toBe(
      'done',
    );
    expect(await ref('a').ask(sum, soon)).toBe(4);
    expect(await events.highest('top/a')).toBe(1);
  });

  it('cannot be called now for what it must write first', async () => {
    const { ref } = await world([worker(ledger('a'))], { events: await memoryEventStore() });

    expect(ref('a').callNow(put(1))).toMatchObject({ refused: 'ACTOR_CALL_ASYNC' });
    expect(ref('a').callNow(sum)).toBe(0);
    expect(await ref('a').ask(put(1), soon)).toBe('done');
  });

  it('stops only after what it decided is written and answered', async () => {
    const events = await memoryEventStore();
    const { ref } = await world([worker(ledger('a'), { restart: 'transient' })], { events });

    expect(await ref('a').ask({ type: 'finish' }, soon)).toBe('bye');
    expect(await events.highest('top/a')).toBe(1);
  });

  it('needs an event store', async () => {
    await expect(world([worker(ledger('a'))])).rejects.toMatchObject({
      code: 'SUPERVISOR_START_FAILED',
      cause: { code: 'DURABLE_NO_STORE' },
    });
  });

  it('cannot go back in time with a group', async () => {
    const rollback = { capture: () => 0, restore: (state: Ledger) => state, release: () => {} };
    const both = { ...ledger('a'), rollback };

    await expect(world([worker(both)], { events: await memoryEventStore() })).rejects.toMatchObject({
      cause: { code: 'DURABLE_AND_ROLLBACK' },
    });
  });

  it('says when it is recovering, and what it found', async () => {
    const seen: Seen = { recoveries: [], recovering: [] };
    const { ref } = await world([worker(ledger('a', {}, seen))], { events: await memoryEventStore() });
    await ref('a').ask(put(1, 3), soon);
    ref('a').send({ type: 'fail' });
    ref('a').send({ type: 'fail' });
    await ref('a').ask(sum, soon);

    expect(seen.recovering.slice(0, 2)).toEqual([true, false]);
    expect(seen.recoveries[0]).toMatchObject({ events: 0, snapshot: 0, migrated: 0, damaged: 0 });
    expect(seen.recoveries.at(-1)).toMatchObject({ events: 3, snapshot: 0 });
  });
});

describe('a durable actor whose store says no', () => {
  it('crashes when an append fails: nothing happened, and nobody hears yes', async () => {
    const disk = memoryDisk();
    const { ref, system } = await world([worker(ledger('a'))], { events: await memoryEventStore(disk) });
    await ref('a').ask(put(5), soon);
    disk.fail({ operation: 'write', nth: 1, code: 'DISK_FULL' });

    await expect(ref('a').ask(put(3), soon)).rejects.toMatchObject({
      code: 'ACTOR_CRASHED',
      cause: { code: 'JOURNAL_FAILED' },
    });
    expect(system.deadLetters.recent()).toMatchObject([{ reason: 'not_stored', to: 'top/a' }]);
    disk.heal();
    disk.crash();
    const after = await memoryEventStore(disk, { processes: memoryProcesses(2) });
    expect(await after.highest('top/a')).toBe(1);
  });

  it('ends when another owner wrote; the one who asked hears why', async () => {
    const events = await memoryEventStore();
    const one = await world([worker(ledger('a', { id: 'shared' }), { restart: 'transient' })], { events });
    const two = await world([worker(ledger('b', { id: 'shared' }), { restart: 'transient' })], { events });
    expect(await one.ref('a').ask(put(5), soon)).toBe('done');

    await expect(two.ref('b').ask(put(3), soon)).rejects.toMatchObject({ code: 'DURABLE_FENCED' });
    await two.clock.settle();
    expect(two.system.tree().children.filter(({ lifecycle }) => lifecycle === 'ready')).toEqual([]);
    expect(await one.ref('a').ask(sum, soon)).toBe(5);
  });

  it('comes back with what the other wrote when it is permanent', async () => {
    const events = await memoryEventStore();
    const one = await world([worker(ledger('a', { id: 'shared' }))], { events });
    const two = await world([worker(ledger('b', { id: 'shared' }))], { events });
    await one.ref('a').ask(put(5), soon);
    await expect(two.ref('b').ask(put(3), soon)).rejects.toMatchObject({ code: 'DURABLE_FENCED' });

    expect(await two.ref('b').ask(sum, soon)).toBe(5);
  });

  it('waits, in its next life, for what the last one still has under way', async () => {
    const events = await memoryEventStore();
    const { ref } = await world([worker(ledger('a'))], { events });
    ref('a').send({ type: 'fail_soon' });
    await expect(ref('a').ask(put(5), soon)).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });

    expect(await ref('a').ask(put(2), soon)).toBe('done');
    expect(await ref('a').ask(sum, soon)).toBe(7);
    expect(await events.highest('top/a')).toBe(2);
  });

  it.each(['eventsBeforeAppend', 'eventsAfterAppendBeforeEvolve'] as const)(
    'is right again after a crash at %s',
    async (point: FailPoint) => {
      let armed = false;
      const hit = (met: FailPoint) => {
        if (!armed || met !== point) return;
        armed = false;
        throw new Error('the plug was pulled');
      };
      const events = await memoryEventStore();
      const { ref } = await world([worker(ledger('a'))], { events, failPoints: { hit } });
      await ref('a').ask(put(5), soon);
      armed = true;
      await expect(ref('a').ask(put(3), soon)).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });

      expect(await ref('a').ask(sum, soon)).toBe(point === 'eventsBeforeAppend' ? 5 : 8);
      expect(await ref('a').ask(put(1), soon)).toBe('done');
    },
  );
});

describe('many durable actors', () => {
  it('may be children on demand: their messages wait until they are back', async () => {
    const branch: ActorDefinition<null, { type: 'open'; id: string } | { type: 'close'; id: string }> = {
      name: 'branch',
      fresh: () => null,
      decide: {
        open: (_state, { id }, cx) => {
          const child = cx.children().start({ ...ledger('entry'), light: true }, { id, args: undefined });
          return accept(child.ask(put(2), soon));
        },
        close: (_state, { id }, cx) => {
          cx.children().stop(id);
          return accept();
        },
      },
    };
    const made = await world([worker(branch)], { events: await memoryEventStore() });
    const asks = made.system.ref<{ type: 'open' | 'close'; id: string }>('top/branch');
    for (let life = 1; life <= 3; life++) {
      expect(await asks.ask({ type: 'open', id: 'a' }, soon)).toBe('done');
      made.ref('branch/a').send({ type: 'fail' });
      expect(await made.ref('branch/a').ask(sum, soon)).toBe(2 * life);
      await asks.ask({ type: 'close', id: 'a' }, soon);
    }
  });

  it('that are children on demand, and cannot come back, are given up', async () => {
    const { system, clock, log } = await world([
      worker({
        name: 'branch',
        fresh: (cx) =>
          void cx.children().start({ ...ledger('entry'), light: true }, { id: 'a', args: undefined }),
        decide: {},
      } as ActorDefinition<void, never>),
    ]);
    await clock.settle();

    expect(system.tree().children[0]?.children).toEqual([]);
    expect(log.lines.some(({ text }) => text === 'a child was given up')).toBe(true);
  });

  it('share the writes of one journal', async () => {
    const disk = memoryDisk();
    const children = Array.from({ length: 100 }, (_, i) => worker(ledger(`n${i}`)));
    const { ref } = await world(children, {
      events: await memoryEventStore(disk, { segmentBytes: 1 << 20 }),
    });
    const before = disk.operations;
    await Promise.all(
      children.flatMap(({ id }) => Array.from({ length: 10 }, () => ref(id).ask(put(1), soon))),
    );

    expect(await Promise.all(children.map(({ id }) => ref(id).ask(sum, soon)))).toEqual(
      children.map(() => 10),
    );
    expect(disk.operations - before).toBeLessThan(100);
  });
});
