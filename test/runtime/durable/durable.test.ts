/** Durable actors: what they said yes to is never forgotten, and what was not written has not happened. */
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import {
  type ActorDefinition,
  accept,
  type ChildSpec,
  type Durable,
  type EventStore,
  type FailPoint,
  jsonCodec,
  type Recovery,
  refuse,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { collect } from '../../support/collect.ts';
import { deferred } from '../support/deferred.ts';
import { worldPorts } from '../support/world.ts';

type Entry = { readonly put: number };

type LedgerMessage =
  | { readonly type: 'put'; readonly amount: number; readonly times?: number }
  | { readonly type: 'put_slowly'; readonly amount: number; readonly until: Promise<void> }
  | { readonly type: 'sum' }
  | { readonly type: 'finish' }
  | { readonly type: 'fail' }
  | { readonly type: 'fail_soon' };

interface Ledger {
  readonly sum: number;
  readonly entries: number;
}

interface Seen {
  readonly recoveries: Recovery[];
  readonly recovering: boolean[];
}

function ledger(
  name: string,
  durable: Partial<Durable<Ledger, Entry>> = {},
  seen: Seen = { recoveries: [], recovering: [] },
): ActorDefinition<Ledger, LedgerMessage, Entry> {
  return {
    name,
    durable: { version: 1, ...durable },
    fresh: (cx) => {
      seen.recovering.push(cx.recovering);
      return { sum: 0, entries: 0 };
    },
    recovered: (_state, cx, recovery) => {
      seen.recovering.push(cx.recovering);
      seen.recoveries.push(recovery);
    },
    decide: {
      put: ({ sum }, { amount, times = 1 }) => {
        if (sum + amount < 0) return refuse('LEDGER_OVERDRAWN');
        return accept('done', ...Array.from({ length: times }, () => ({ put: amount })));
      },
      put_slowly: async (_state, { amount, until }) => {
        await until;
        return accept('done', { put: amount });
      },
      sum: ({ sum }) => accept(sum),
      finish: (_state, _message, cx) => {
        cx.stop();
        return accept('bye', { put: 1 });
      },
      fail: () => {
        throw new Error('fell');
      },
      fail_soon: (_state, _message, cx) => {
        cx.job('fall', () => Promise.reject(new Error('fell')));
        return accept();
      },
    },
    evolve: ({ sum, entries }, { put }) => ({ sum: sum + put, entries: entries + 1 }),
  };
}

async function world(
  children: readonly ChildSpec[],
  more: { events?: EventStore; failPoints?: object } = {},
) {
  const made = worldPorts();
  const spec = supervisor('top', { strategy: 'one_for_one', intensity: 100, periodMs: 60_000 }, children);
  const system = await startSystem(spec, { ...made.ports, ...(more as object) });
  return { ...made, system, ref: (id: string) => system.ref<LedgerMessage>(`top/${id}`) };
}

const put = (amount: number, times = 1): LedgerMessage => ({ type: 'put', amount, times });
const sum: LedgerMessage = { type: 'sum' };
const soon = { withinMs: 1_000 };

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

describe('snapshots of a durable actor', () => {
  const filled = async (durable: Partial<Durable<Ledger, Entry>>) => {
    const disk = memoryDisk();
    const events = await memoryEventStore(disk);
    const seen: Seen = { recoveries: [], recovering: [] };
    const first = await world([worker(ledger('a', durable, seen))], { events });
    for (let n = 1; n <= 25; n++) {
      await first.ref('a').ask(put(1), soon);
      await first.clock.settle();
    }
    const again = async (changed: Partial<Durable<Ledger, Entry>> = durable) => {
      await first.system.stop();
      const next = await world([worker(ledger('a', changed, seen))], { events });
      return { recovery: seen.recoveries.at(-1), sum: await next.ref('a').ask(sum, soon), ...next };
    };
    return { disk, events, again };
  };
  const every10 = { snapshotEvery: 10 };

  it('shorten the next start', async () => {
    const { again, events } = await filled(every10);

    expect(await events.snapshots.list('top/a')).toEqual([10, 20]);
    expect(await again()).toMatchObject({ sum: 25, recovery: { snapshot: 20, events: 5 } });
  });

  it('may be damaged: then the older one is used, then all events', async () => {
    const { disk, again } = await filled(every10);
    for (const path of disk.dump().keys()) if (path.endsWith('20.snapshot')) disk.flip(path, 99);
    const second = await again();
    expect(second).toMatchObject({ sum: 25, recovery: { snapshot: 10, events: 15, damaged: 1 } });
    await second.system.stop();
    for (const path of disk.dump().keys()) if (path.endsWith('10.snapshot')) disk.flip(path, 99);

    expect(await again()).toMatchObject({ sum: 25, recovery: { snapshot: 0, events: 25, damaged: 2 } });
  });

  it('let go of old events when told to, and never of what no snapshot holds', async () => {
    const keep = { events: 'since_snapshot' } as const;
    const { disk, events, again } = await filled({ snapshotEvery: 5, keep });
    const kept = async () => (await collect(events.read('top/a'))).map(({ revision }) => revision);

    expect(await events.snapshots.list('top/a')).toEqual([20, 25]);
    expect(await kept()).toEqual([21, 22, 23, 24, 25]);
    for (const path of disk.dump().keys()) if (path.endsWith('25.snapshot')) disk.flip(path, 99);
    expect(await again()).toMatchObject({ sum: 25, recovery: { snapshot: 20, events: 5 } });
  });

  it('are missed rather than made up: a gap in the events is no start', async () => {
    const { disk, again } = await filled({ snapshotEvery: 5, keep: { events: 'since_snapshot' } });
    for (const path of disk.dump().keys()) if (path.endsWith('.snapshot')) disk.flip(path, 99);

    await expect(again()).rejects.toMatchObject({ cause: { code: 'DURABLE_GAP' } });
  });

  it('that cannot be written are told of, and the actor goes on', async () => {
    const disk = memoryDisk();
    const hit = (point: FailPoint) => {
      if (point === 'snapshotBeforeRename') throw new Error('no');
    };
    const events = await memoryEventStore(disk, { failPoints: { hit } });
    const { ref, log, clock } = await world([worker(ledger('a', { snapshotEvery: 2 }))], { events });
    for (let n = 0; n < 4; n++) {
      await ref('a').ask(put(1), soon);
      await clock.settle();
    }

    expect(log.lines.filter(({ text }) => text === 'no snapshot this time')).toHaveLength(2);
    expect(await ref('a').ask(sum, soon)).toBe(4);
  });

  it('of another version are passed over, or brought forward', async () => {
    const { again } = await filled(every10);
    const upcasts = { 1: ({ put }: Entry) => ({ put }) };
    const passed = await again({ ...every10, version: 2, upcasts });
    expect(passed).toMatchObject({ sum: 25, recovery: { snapshot: 0, events: 25, migrated: 25 } });
    await passed.system.stop();
    const stateUpcasts = { 1: (state: Ledger) => state };

    expect(await again({ ...every10, version: 2, upcasts, stateUpcasts })).toMatchObject({
      sum: 25,
      recovery: { snapshot: 20, events: 5, migrated: 6 },
    });
  });
});

describe('old events', () => {
  const written = async () => {
    const events = await memoryEventStore();
    const first = await world([worker(ledger('a'))], { events });
    await first.ref('a').ask(put(5, 2), soon);
    await first.system.stop();
    return events;
  };

  it('are brought to today, step by step', async () => {
    const upcasts = {
      1: ({ put }: Entry) => ({ deposit: put * 10 }),
      2: ({ deposit }: { deposit: number }) => ({ put: deposit / 5 }),
    };
    const { ref } = await world([worker(ledger('a', { version: 3, upcasts }))], { events: await written() });

    expect(await ref('a').ask(sum, soon)).toBe(20);
  });

  it('without a way to today, and newer ones, are no start', async () => {
    const events = await written();
    await expect(world([worker(ledger('a', { version: 2 }))], { events })).rejects.toMatchObject({
      cause: { code: 'DURABLE_NO_UPCAST', details: { from: 1, to: 2 } },
    });
    await expect(world([worker(ledger('a', { version: 0 }))], { events })).rejects.toMatchObject({
      cause: { code: 'DURABLE_NO_UPCAST', details: { from: 1, to: 0 } },
    });
  });

  it('that the codec cannot read say which they are', async () => {
    const check = jsonCodec<Entry>(() => {
      throw new Error('not an entry');
    });
    await expect(
      world([worker(ledger('a', { events: check }))], { events: await written() }),
    ).rejects.toMatchObject({ cause: { code: 'DURABLE_UNREADABLE', details: { id: 'top/a', revision: 1 } } });
  });
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
