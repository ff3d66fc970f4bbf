/** An event store in memory: the very code of the real one, on a disk made of arrays. */
import type { JournalEventStore } from '../../durable/journal-event-store.ts';
import { openEventStore } from '../../durable/open-event-store.ts';
import { type MemoryDisk, memoryDisk } from './disk.ts';
import { memoryProcesses } from './processes.ts';

/** @param disk give one to break it, or to open the store again */
export function memoryEventStore(disk: MemoryDisk = memoryDisk()): Promise<JournalEventStore> {
  return openEventStore({ disk, folder: '/events', processes: memoryProcesses(), segmentBytes: 64 << 10 });
}
