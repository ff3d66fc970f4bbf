/** Opens an event store in a folder: its journal, its snapshots, and one pass over what was written. */
import { openJournal } from '../journal/open-journal.ts';
import type { Disk } from '../ports/disk.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { JournalRecord } from '../ports/journal.ts';
import type { Processes } from '../ports/processes.ts';
import { JournalEventStore } from './journal-event-store.ts';
import { SnapshotFolder } from './snapshot-folder.ts';
import { StoreContents } from './store-contents.ts';

export interface EventStoreOptions {
  readonly disk: Disk;
  /** Made when missing; holds nothing but this store. */
  readonly folder: string;
  readonly processes: Processes;
  /** Bytes of each journal segment; 16 MiB unless said. */
  readonly segmentBytes?: number;
  /** Bytes of events held in memory; 64 MiB unless said. Older ones are read from the journal. */
  readonly recentBytes?: number;
  /** Appends that must have been deleted before old segments go; 10,000 unless said. */
  readonly compactAfter?: number;
  /** Only tests bring them. */
  readonly failPoints?: FailPoints;
}

/**
 * The caller closes the store.
 * @throws JOURNAL_LOCKED while another process has it, JOURNAL_CORRUPT, EVENTS_CORRUPT
 */
export async function openEventStore(options: EventStoreOptions): Promise<JournalEventStore> {
  const { disk, folder, processes, segmentBytes, recentBytes = 64 << 20, compactAfter = 10_000 } = options;
  const places = { journal: `${folder}/journal`, snapshots: `${folder}/snapshots` };
  for (const place of Object.values(places)) await disk.folder(place);
  await disk.syncFolder(folder);
  const size = segmentBytes === undefined ? {} : { segmentBytes };
  const points = options.failPoints === undefined ? {} : { failPoints: options.failPoints };
  const contents = new StoreContents(recentBytes);
  const replay = (record: JournalRecord) => contents.take(record);
  const { journal } = await openJournal({
    disk,
    folder: places.journal,
    processes,
    replay,
    ...size,
    ...points,
  });
  try {
    contents.check();
  } catch (error) {
    await journal.close();
    throw error;
  }
  const snapshots = new SnapshotFolder(disk, places.snapshots, options.failPoints ?? null);
  return new JournalEventStore({ journal, snapshots, contents, compactAfter });
}
