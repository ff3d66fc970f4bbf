/** Found by the suite `durable`: after a compaction a store refused to open, since an old deletion outlived newer events. */
import { expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openEventStore } from '../../../runtime/durable/open-event-store.ts';

const event = (size: number) => [new Uint8Array(size).fill(7)];

it.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'a store opens whatever its segments still say of what was let go (%i)',
  async (pad) => {
    const [disk, processes] = [memoryDisk(), memoryProcesses()];
    const open = () =>
      openEventStore({ disk, folder: '/events', processes, segmentBytes: 512, compactAfter: 1 });
    const store = await open();
    for (let i = 0; i < pad; i++) await store.append('other', event(20), { expected: i });
    for (let i = 0; i < 16; i++) await store.append('ann', event(60), { expected: i });
    await store.deleteTo('other', pad);
    await store.deleteTo('ann', 8);
    for (let i = 16; i < 20; i++) await store.append('ann', event(60), { expected: i });
    await store.deleteTo('ann', 16);
    await store.close();

    const again = await open();

    const revisions: number[] = [];
    for await (const { revision } of again.read('ann')) revisions.push(revision);
    expect(revisions).toEqual([17, 18, 19, 20]);
    expect(await again.highest('other')).toBe(pad);
  },
);
