/** The event store of the journal, on a disk made of arrays. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openEventStore } from '../../../runtime/index.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import { collect } from '../../support/collect.ts';
import { eventStoreContract } from './event-store.contract.ts';

const bytes = (value: string) => new TextEncoder().encode(value);
const small = (disk: MemoryDisk, more = {}) =>
  openEventStore({ disk, folder: '/events', processes: memoryProcesses(), segmentBytes: 1 << 10, ...more });

eventStoreContract(async () => {
  const disk = memoryDisk();
  return { open: () => memoryEventStore(disk) };
});

describe('an event store on a journal', () => {
  it('keeps what it acknowledged through a power cut, at any moment', async () => {
    for (let cut = 1; cut <= 24; cut++) {
      const disk = memoryDisk();
      const store = await memoryEventStore(disk);
      disk.fail({ operation: 'change', nth: cut, code: 'DISK_FAILED', lasting: true });
      let acknowledged = 0;
      for (let n = 1; n <= 10; n++) {
        const revision = await store
          .append('a', [bytes(`${n}`), bytes(`${n}b`)], { expected: acknowledged })
          .catch(() => undefined);
        if (typeof revision !== 'number') break;
        acknowledged = revision;
      }
      disk.crash(randomStream(cut));
      const again = await memoryEventStore(disk, { processes: memoryProcesses(2) });
      const kept = await collect(again.read('a'));

      expect(kept.length).toBeGreaterThanOrEqual(acknowledged);
      expect(kept.length % 2).toBe(0);
      expect(await again.highest('a')).toBe(kept.length);
    }
  });

  it('fails for good when an append fails: nobody is taken for a stale writer', async () => {
    const disk = memoryDisk();
    const store = await memoryEventStore(disk);
    await store.append('a', [bytes('one')], { expected: 0 });
    disk.fail({ operation: 'sync', nth: 1, code: 'DISK_FAILED' });
    await expect(store.append('a', [bytes('two')], { expected: 1 })).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
    });

    await expect(store.append('a', [bytes('two')], { expected: 1 })).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
    });
    await expect(store.highest('a')).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  });

  it('reads from the journal what it no longer holds in memory', async () => {
    const disk = memoryDisk();
    const store = await small(disk, { recentBytes: 40 });
    const wanted: string[] = [];
    for (let n = 1; n <= 40; n++) {
      const revision = await store.append(n % 2 ? 'a' : 'b', [bytes(`event ${n}`)], {
        expected: Math.floor((n - 1) / 2),
      });
      if (n % 2) wanted.push(`${revision}:event ${n}`);
    }
    const seen = async () =>
      (await collect(store.read('a'))).map(
        ({ revision, bytes }) => `${revision}:${new TextDecoder().decode(bytes)}`,
      );

    expect(await seen()).toEqual(wanted);
    await store.deleteTo('a', 15);
    expect(await seen()).toEqual(wanted.slice(15));
  });

  it('lets old segments go, and knows everything that still counts', async () => {
    const disk = memoryDisk();
    const store = await small(disk);
    await store.append('idle', [bytes('once')], { expected: 0 });
    await store.deleteTo('idle', 1);
    await store.states.upsert('state', bytes('kept'), { expected: 0 });
    await store.states.upsert('gone', bytes('old'), { expected: 0 });
    await store.states.delete('gone', { expected: 1 });
    for (let n = 1; n <= 200; n++) await store.append('busy', [bytes(`event ${n}`)], { expected: n - 1 });
    await store.deleteTo('busy', 190);
    const segments = async () => (await disk.list('/events/journal')).filter((name) => name.endsWith('.wal'));
    const before = (await segments()).length;
    const under = store.append('busy', [bytes('meanwhile')], { expected: 200 });
    await store.compact();
    await under;
    expect((await segments()).length).toBeLessThan(before / 2);
    await store.close();
    const again = await small(disk);

    expect((await collect(again.read('busy'))).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 11 }, (_, i) => 191 + i),
    );
    expect([await again.highest('idle'), await again.highest('busy')]).toEqual([1, 201]);
    expect(await again.states.get('state')).toEqual({ revision: 1, bytes: bytes('kept') });
    expect(await again.states.upsert('gone', bytes('new'), { expected: 2 })).toBe(3);
  });

  it('compacts by itself when enough was let go', async () => {
    const disk = memoryDisk();
    const store = await small(disk, { compactAfter: 50 });
    for (let n = 1; n <= 200; n++) {
      await store.append('a', [bytes(`event ${n}`)], { expected: n - 1 });
      await store.deleteTo('a', n - 5);
    }

    expect((await disk.list('/events/journal')).filter((name) => name.endsWith('.wal')).length).toBeLessThan(
      12,
    );
    expect(await collect(store.read('a'))).toHaveLength(5);
  });

  it('passes over a damaged snapshot, whichever bit it is', async () => {
    const disk = memoryDisk();
    const store = await memoryEventStore(disk);
    await store.snapshots.save('a', { revision: 1, atMs: 1, bytes: bytes('old') });
    await store.snapshots.save('a', { revision: 2, atMs: 2, bytes: bytes('new') });
    const [path = ''] = [...disk.dump().keys()].filter((name) => name.endsWith('2.snapshot'));
    const bits = (disk.dump().get(path)?.length ?? 0) * 8;
    for (let bit = 0; bit < bits; bit++) {
      disk.flip(path, bit);
      expect(await store.snapshots.newest('a')).toMatchObject({ damaged: 1, snapshot: { revision: 1 } });
      disk.flip(path, bit);
    }

    expect(await store.snapshots.newest('a')).toMatchObject({ damaged: 0, snapshot: { revision: 2 } });
  });

  it('has whole snapshots or none, wherever the plug is pulled', async () => {
    for (const point of ['snapshotBeforeWrite', 'snapshotBeforeRename', 'snapshotAfterRenameBeforeDirSync']) {
      for (const lot of [1, 2, 3]) {
        const disk = memoryDisk();
        let armed = false;
        const hit = (met: string) => {
          if (armed && met === point) throw new Error('the power is gone');
        };
        const store = await small(disk, { failPoints: { hit } });
        await store.snapshots.save('a', { revision: 1, atMs: 1, bytes: bytes('old') });
        armed = true;
        await expect(
          store.snapshots.save('a', { revision: 2, atMs: 2, bytes: bytes('new') }),
        ).rejects.toThrow('the power is gone');
        disk.crash(randomStream(lot));
        const again = await small(disk, { processes: memoryProcesses(2) });
        const { snapshot, damaged } = await again.snapshots.newest('a');

        expect(damaged).toBe(0);
        expect(snapshot?.revision === 1 || point === 'snapshotAfterRenameBeforeDirSync').toBe(true);
        await again.snapshots.save('a', { revision: 2, atMs: 2, bytes: bytes('new') });
        expect((await again.snapshots.newest('a')).snapshot?.revision).toBe(2);
      }
    }
  });

  it('will not read a journal that is not its own', async () => {
    const disk = memoryDisk();
    const options = { disk, folder: '/events/journal', processes: memoryProcesses() };
    const { journal } = await openJournal(options);
    await journal.append(9, bytes('something else'));
    await journal.close();

    await expect(memoryEventStore(disk)).rejects.toMatchObject({ code: 'EVENTS_CORRUPT' });
    await (await openJournal(options)).journal.close();
  });
});
