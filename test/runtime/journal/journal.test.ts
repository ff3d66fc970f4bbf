/** The journal over memory: its promises, its thrift, and its one writer. */
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryJournal } from '../../../runtime/adapters/memory/journal.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import { collect } from '../../support/collect.ts';
import { journalContract } from './journal.contract.ts';

const body = new Uint8Array(10).fill(1);
const folder = '/journal';

describe('memory journal', () => {
  journalContract(async () => ({ disk: memoryDisk(), folder, processes: memoryProcesses() }));

  it('spends one write and one sync on all appends of a turn', async () => {
    const disk = memoryDisk();
    const journal = await memoryJournal(disk);
    const before = disk.operations;
    await Promise.all(Array.from({ length: 100 }, () => journal.append(1, body)));

    expect(disk.operations - before).toBe(2);
  });

  it('gathers what arrives during a sync into the next one', async () => {
    const disk = memoryDisk();
    const journal = await memoryJournal(disk);
    const before = disk.operations;
    const first = journal.append(1, body);
    await Promise.resolve();
    const rest = Array.from({ length: 50 }, () => journal.append(1, body));
    await first;
    await Promise.all(rest);

    expect(disk.operations - before).toBe(4);
  });

  it('has its own copy of a body as soon as append returns', async () => {
    const journal = await memoryJournal();
    const scratch = Uint8Array.of(1, 2, 3);
    const written = journal.append(1, scratch);
    scratch.fill(0);
    await written;

    expect([...((await collect(journal.read()))[0]?.body ?? [])]).toEqual([1, 2, 3]);
  });

  it('carries more records in one turn than one write has places', async () => {
    const journal = await memoryJournal();
    const nothing = new Uint8Array(0);
    await Promise.all(Array.from({ length: 70_000 }, () => journal.append(1, nothing)));

    expect(await collect(journal.read())).toHaveLength(70_000);
  });
});

describe('the lock of a journal', () => {
  const held = async () => {
    const disk = memoryDisk();
    const processes = memoryProcesses();
    const options = { disk, folder, processes };
    const { journal } = await openJournal(options);
    await journal.append(1, body);
    return { disk, processes, options };
  };

  it('names the living holder', async () => {
    const { options } = await held();

    await expect(openJournal(options)).rejects.toMatchObject({ code: 'JOURNAL_LOCKED', details: { pid: 1 } });
  });

  it('is taken over from the dead, even when the pid lives on in somebody else', async () => {
    const { options, processes, disk } = await held();
    processes.restart();
    const { journal, recovered } = await openJournal(options);

    expect(recovered.records).toBe(1);
    await journal.close();
    expect(await disk.list(folder)).toEqual(['00000001.wal']);
  });

  it('is free when its claim was cut short', async () => {
    const disk = memoryDisk();
    disk.put(`${folder}/journal.lock`, new Uint8Array(0));

    await (await openJournal({ disk, folder, processes: memoryProcesses() })).journal.close();
  });

  it('is given back to an heir who was quicker', async () => {
    const { disk } = await held();
    const quicker = { pid: 2, started: 'now' };
    const late = {
      self: () => ({ pid: 3, started: 'late' }),
      // The moment after we found the holder dead, somebody else takes the lock.
      alive: (who: { pid: number }) => {
        if (who.pid === quicker.pid) return true;
        disk.put(`${folder}/journal.lock`, new TextEncoder().encode(JSON.stringify(quicker)));
        return false;
      },
    };

    await expect(openJournal({ disk, folder, processes: late })).rejects.toMatchObject({
      code: 'JOURNAL_LOCKED',
      details: { pid: 2 },
    });
    expect(await disk.list(folder)).toEqual(['00000001.wal', 'journal.lock']);
  });

  it('is released when opening fails', async () => {
    const disk = memoryDisk();
    disk.put(`${folder}/00000001.wal`, new Uint8Array(100).fill(3));
    const options = { disk, folder, processes: memoryProcesses() };

    for (const _ of [1, 2])
      await expect(openJournal(options)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });
});
