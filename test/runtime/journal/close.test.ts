import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/index.ts';

describe('a journal whose index cannot be written when it is closed', () => {
  it.each([1, 2, 3])(
    'says so, lets everything go, and misses nothing when it is opened again (change %i fails)',
    async (nth) => {
      const disk = memoryDisk();
      const options = { disk, folder: '/j', processes: memoryProcesses(), segmentBytes: 1 << 12, marks: [7] };
      const { journal } = await openJournal(options);
      for (let n = 1; n <= 9; n++) await journal.append(n % 3 === 0 ? 7 : 1, Uint8Array.of(n));
      // Letting go of the lock comes later, and has to work again by then.
      disk.fail({ operation: 'change', nth, code: 'DISK_FULL' });
      await expect(journal.close()).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect((await disk.list('/j')).filter((name) => name.endsWith('.lock'))).toEqual([]);

      const again = await openJournal({ ...options, replayFrom: 'mark' });
      expect(again.journal.last).toBe(9);
      expect(again.journal.marks.map(({ sequence }) => sequence)).toEqual([3, 6, 9]);
      await again.journal.close();
    },
  );
});
