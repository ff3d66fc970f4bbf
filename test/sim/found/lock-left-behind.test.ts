/** Found by the suite `office`: a disk that failed once while a journal was closed kept its own process out for good. */
import { expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/index.ts';

it('a journal can be opened again, whatever failed once while it was closed', async () => {
  for (let nth = 1; nth < 8; nth++) {
    const [disk, processes] = [memoryDisk(), memoryProcesses()];
    const open = () => openJournal({ disk, folder: '/journal', processes, segmentBytes: 4_096 });
    const { journal } = await open();
    await journal.append(1, Uint8Array.of(nth));
    disk.fail({ operation: 'change', nth, code: 'DISK_FAILED' });
    await journal.close().catch(() => {});
    disk.heal();

    const again = await open();
    expect(again.recovered.records).toBe(1);
    await again.journal.close();
  }
});

it('a journal can be opened in the end, whatever could not be read once while it was opened', async () => {
  for (let nth = 1; nth < 8; nth++) {
    const [disk, processes] = [memoryDisk(), memoryProcesses()];
    const open = () => openJournal({ disk, folder: '/journal', processes, segmentBytes: 4_096 });
    const { journal } = await open();
    await journal.append(1, Uint8Array.of(nth));
    await journal.close();
    disk.fail({ operation: 'read', nth, code: 'DISK_FAILED' });
    await open().then(
      (early) => early.journal.close(),
      () => {},
    );
    disk.heal();

    const again = await open();
    expect(again.recovered.records).toBe(1);
    await again.journal.close();
  }
});
