/** Found by the suite `durable`: after a compaction a store refused to open, since an old deletion outlived newer events. */
import { expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openEventStore } from '../../../runtime/durable/open-event-store.ts';

const IDS = ['ann', 'bob', 'cid'] as const;

it('a store opens whatever its segments still say of what was let go, and has the rest', async () => {
  for (let seed = 0; seed < 15; seed++) {
    const random = randomStream(seed);
    const [disk, processes] = [memoryDisk(), memoryProcesses()];
    const open = () =>
      openEventStore({ disk, folder: '/events', processes, segmentBytes: 1_024, compactAfter: 6 });
    const streams = new Map(IDS.map((id) => [id, { highest: 0, deletedTo: 0 }]));
    let store = await open();
    for (let step = 0; step < 150; step++) {
      const [id, at] = [...streams][random.below(IDS.length)] as [
        string,
        { highest: number; deletedTo: number },
      ];
      await store.append(id, [new Uint8Array(random.below(60))], { expected: at.highest++ });
      // Late, as it is when a snapshot has to be written first.
      if (random.below(6) === 0 && at.highest > at.deletedTo + 8) {
        at.deletedTo += 1 + random.below(at.highest - at.deletedTo - 4);
        await store.deleteTo(id, at.deletedTo);
      }
      if (random.below(40) !== 0) continue;
      await store.close();
      store = await open();
      for (const [name, { highest, deletedTo }] of streams) {
        const revisions: number[] = [];
        for await (const { revision } of store.read(name)) revisions.push(revision);
        expect(await store.highest(name)).toBe(highest);
        expect(revisions).toEqual(Array.from({ length: highest - deletedTo }, (_, i) => deletedTo + 1 + i));
      }
    }
    await store.close();
  }
});
