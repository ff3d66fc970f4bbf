/** The memory disk keeps the promises of a disk and breaks on command. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { diskContract } from './disk.contract.ts';

describe('memory disk', () => {
  diskContract(async () => {
    const disk = memoryDisk();
    await disk.folder('/root');
    return { disk, root: '/root' };
  });

  const withFile = async () => {
    const disk = memoryDisk();
    await disk.folder('/d');
    const file = await disk.open('/d/a', 'create');
    return { disk, file };
  };

  it('fails the n-th write with the code asked for, leaving the bytes asked for', async () => {
    const { disk, file } = await withFile();
    disk.fail({ operation: 'write', nth: 2, code: 'DISK_FAILED', wrote: 1 });
    await file.write(Uint8Array.of(1, 1), 0);

    await expect(file.write(Uint8Array.of(2, 2), 0)).rejects.toMatchObject({ code: 'DISK_FAILED' });
    expect([...(await file.read(0, 9))]).toEqual([2, 1]);
    await file.write(Uint8Array.of(3), 0);
    expect([...(await file.read(0, 9))]).toEqual([3, 1]);
  });

  it('keeps failing after a lasting fault until healed', async () => {
    const { disk, file } = await withFile();
    disk.fail({ operation: 'change', nth: 1, code: 'DISK_FAILED', lasting: true });

    await expect(file.write(Uint8Array.of(1), 0)).rejects.toThrow();
    await expect(file.sync()).rejects.toThrow();
    await expect(disk.rename('/d/a', '/d/b')).rejects.toThrow();
    disk.heal();
    await file.write(Uint8Array.of(1), 0);
    expect(await file.size()).toBe(1);
  });

  it('is full after its capacity and writes what still fits', async () => {
    const { disk, file } = await withFile();
    disk.capacity = 5;
    await file.write(Uint8Array.of(1, 2, 3), 0);

    await expect(file.write(Uint8Array.of(4, 5, 6), 3)).rejects.toMatchObject({
      code: 'DISK_FULL',
      retryable: true,
    });
    expect([...(await file.read(0, 9))]).toEqual([1, 2, 3, 4, 5]);
    await file.write(Uint8Array.of(9), 0);
  });

  it('loses at a crash what was not synced, and kills open files', async () => {
    const { disk, file } = await withFile();
    await disk.syncFolder('/d');
    await file.write(Uint8Array.of(1, 2), 0);
    await file.sync();
    await file.write(Uint8Array.of(9, 9, 9), 0);
    disk.crash();

    expect([...(await disk.read('/d/a'))]).toEqual([1, 2]);
    await expect(file.write(Uint8Array.of(1), 0)).rejects.toMatchObject({ code: 'DISK_FAILED' });
  });

  it('loses at a crash a file whose name was not synced', async () => {
    const { disk, file } = await withFile();
    await file.write(Uint8Array.of(1), 0);
    await file.sync();
    disk.crash();

    expect(await disk.list('/d')).toEqual([]);
  });

  it('undoes at a crash a rename whose folder was not synced', async () => {
    const { disk } = await withFile();
    await disk.writeAtomic('/d/old', Uint8Array.of(1));
    await disk.rename('/d/old', '/d/new');
    disk.crash();

    expect(await disk.list('/d')).toEqual(['a', 'old']);
  });

  it('never makes durable what a failed sync forsook', async () => {
    const { disk, file } = await withFile();
    await disk.syncFolder('/d');
    await file.write(Uint8Array.of(1), 0);
    disk.fail({ operation: 'sync', nth: 1, code: 'DISK_FAILED' });
    await expect(file.sync()).rejects.toThrow();
    await file.sync();
    disk.crash();

    expect(await disk.size('/d/a')).toBe(0);
  });

  it('keeps, loses and tears unsynced writes by lot', async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const { disk, file } = await withFile();
      await disk.syncFolder('/d');
      await file.write(Uint8Array.of(1, 2), 0);
      disk.crash(randomStream(seed));
      outcomes.add((await disk.read('/d/a')).join());
    }

    expect([...outcomes].sort()).toEqual(['', '1', '1,2']);
  });

  it('flips the bit asked for', async () => {
    const disk = memoryDisk();
    disk.put('/d/a', Uint8Array.of(0, 0));
    disk.flip('/d/a', 9);

    expect([...(await disk.read('/d/a'))]).toEqual([0, 2]);
  });
});
