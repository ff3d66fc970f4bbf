/** The event store where it is full, slow, or asked twice. */
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { type Disk, openEventStore } from '../../../runtime/index.ts';

const bytes = (value: string) => new TextEncoder().encode(value);

/** The same disk, counting the bytes that are read from it. */
function counting(disk: Disk): { readonly disk: Disk; readonly read: () => number } {
  let sum = 0;
  const counted = (found: Uint8Array) => {
    sum += found.length;
    return found;
  };
  const reads = <T extends object>(thing: T, others: Partial<T>): T =>
    new Proxy(thing, {
      get: (target, key) => {
        const found = Reflect.get(others, key) ?? Reflect.get(target, key, target);
        return typeof found === 'function' ? found.bind(target) : found;
      },
    });
  const open: Disk['open'] = async (path, mode) => {
    const file = await disk.open(path, mode);
    return reads(file, { read: async (at, length) => counted(await file.read(at, length)) });
  };
  const read: Disk['read'] = async (path) => counted(await disk.read(path));
  return { disk: reads(disk, { open, read }), read: () => sum };
}

describe('a state', () => {
  it('that is too large is refused before anything is promised, and the next one is taken', async () => {
    const { states } = await memoryEventStore();
    await states.upsert('s', bytes('one'), { expected: 0 });
    await expect(states.upsert('s', new Uint8Array(17 << 20), { expected: 1 })).rejects.toMatchObject({
      code: 'EVENTS_TOO_LARGE',
    });
    expect(await states.upsert('s', bytes('two'), { expected: 1 })).toBe(2);
  });

  it('that could not be written stops the store: nobody is taken for a stale writer', async () => {
    const disk = memoryDisk();
    const { states } = await memoryEventStore(disk);
    await states.upsert('s', bytes('one'), { expected: 0 });
    disk.fail({ operation: 'sync', nth: 1, code: 'DISK_FAILED' });
    const failed = { code: 'JOURNAL_FAILED' };
    await expect(states.upsert('s', bytes('two'), { expected: 1 })).rejects.toMatchObject(failed);
    await expect(states.upsert('s', bytes('two'), { expected: 1 })).rejects.toMatchObject(failed);
    await expect(states.get('s')).rejects.toMatchObject(failed);
  });
});

describe('a store of many events', () => {
  const small = (disk: Disk, pid = 1) =>
    openEventStore({
      disk,
      folder: '/events',
      processes: memoryProcesses(pid),
      segmentBytes: 4 << 10,
      recentBytes: 0,
    });

  it('is opened by one pass over its journal', async () => {
    const disk = memoryDisk();
    const store = await small(disk);
    for (let n = 0; n < 400; n++)
      await store.append(`s${n % 7}`, [new Uint8Array(200)], { expected: Math.floor(n / 7) });
    await store.close();
    const names = await disk.list('/events/journal');
    let size = 0;
    for (const name of names) size += (await disk.read(`/events/journal/${name}`)).length;

    const { disk: counted, read } = counting(disk);
    const again = await small(counted);
    expect(await again.highest('s3')).toBe(57);
    expect(read()).toBeLessThan(1.2 * size);
  });

  it('passes over what was deleted and let go while it was read, and does not search for it to the end', async () => {
    const { disk, read } = counting(memoryDisk());
    const store = await small(disk);
    for (let n = 0; n < 100; n++) {
      await store.append('a', [bytes(`${n}`)], { expected: n });
      await store.append('b', [new Uint8Array(2_000)], { expected: n });
    }
    const reading = store.read('a')[Symbol.asyncIterator]();
    expect((await reading.next()).value).toMatchObject({ revision: 1 });
    await store.deleteTo('a', 60);
    await store.deleteTo('b', 100);
    await store.compact();
    const before = read();
    const rest: number[] = [];
    for (let next = await reading.next(); !next.done; next = await reading.next())
      rest.push(next.value.revision);

    expect(rest.slice(-40)).toEqual(Array.from({ length: 40 }, (_, n) => 61 + n));
    expect(rest).toEqual([...rest].sort((one, other) => one - other));
    expect(read() - before).toBeLessThan(200_000);
  });

  it('does not read the journal for what was deleted before its turn came', async () => {
    const { disk, read } = counting(memoryDisk());
    const store = await openEventStore({
      disk,
      folder: '/e',
      processes: memoryProcesses(),
      segmentBytes: 4 << 10,
    });
    for (let n = 0; n < 200; n++) await store.append('a', [new Uint8Array(500)], { expected: n });
    const reading = store.read('a')[Symbol.asyncIterator]();
    await reading.next();
    await store.deleteTo('a', 199);
    await store.compact();
    const before = read();
    const rest: number[] = [];
    for (let next = await reading.next(); !next.done; next = await reading.next())
      rest.push(next.value.revision);

    expect(rest.at(-1)).toBe(200);
    expect(read() - before).toBeLessThan(20_000);
  });
});
