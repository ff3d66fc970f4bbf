/** How a durable actor comes back quickly, and how it understands what its older versions wrote. */
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import { type Durable, type FailPoint, jsonCodec, worker } from '../../../runtime/index.ts';
import { collect } from '../../support/collect.ts';
import { type Entry, type Ledger, ledger, put, type Seen, soon, sum, world } from './ledger.ts';

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
