/** An event store in memory: the very code of the real one, on a disk made of arrays. */
import type { JournalEventStore } from '../../durable/journal-event-store.ts';
import { type EventStoreOptions, openEventStore } from '../../durable/open-event-store.ts';
import { type MemoryDisk, memoryDisk } from './disk.ts';
import { memoryProcesses } from './processes.ts';

/**
 * @param disk give one to break it, or to open the store again
 * @param options another `processes` opens what a process that died without closing left behind
 */
export function memoryEventStore(
  disk: MemoryDisk = memoryDisk(),
  options: Partial<EventStoreOptions> = {},
): Promise<JournalEventStore> {
  const processes = memoryProcesses();
  return openEventStore({ disk, folder: '/events', processes, segmentBytes: 64 << 10, ...options });
}
