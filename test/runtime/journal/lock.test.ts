import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import type { Disk } from '../../../runtime/index.ts';
import { takeLock } from '../../../runtime/journal/lock.ts';

/** The same disk, on which somebody else acts between the making of a file and the first write to it. */
function interrupted(disk: Disk, act: () => Promise<unknown>): Disk {
  let done = false;
  const open: Disk['open'] = async (path, mode) => {
    const file = await disk.open(path, mode);
    if (mode === 'create' && !done) {
      done = true;
      await act();
    }
    return file;
  };
  return new Proxy(disk, {
    get: (target, key) => {
      const found = key === 'open' ? open : Reflect.get(target, key, target);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}

describe('the lock of a journal', () => {
  it('is had by one of two, though the other came between its making and its writing', async () => {
    const disk = memoryDisk();
    await disk.folder('/j');
    const processes = memoryProcesses(2);
    let others: unknown;
    const slow = interrupted(disk, async () => {
      others = await takeLock(disk, '/j', processes).catch((thrown: unknown) => thrown);
    });
    const own = await takeLock(slow, '/j', memoryProcesses(1)).catch((thrown: unknown) => thrown);

    const had = [own, others].filter((lock) => !(lock instanceof Error));
    expect(had).toHaveLength(1);
  });
});
