/** A journal in memory: the very code of the real one, on a disk made of arrays. */

import { openJournal } from '../../journal/open-journal.ts';
import type { SegmentedJournal } from '../../journal/segmented-journal.ts';
import { type MemoryDisk, memoryDisk } from './disk.ts';
import { memoryProcesses } from './processes.ts';

/** @param disk give one to break it or to open the journal again; small segments, so that rotation is met early */
export async function memoryJournal(disk: MemoryDisk = memoryDisk()): Promise<SegmentedJournal> {
  const options = { disk, folder: '/journal', processes: memoryProcesses(), segmentBytes: 64 << 10 };
  return (await openJournal(options)).journal;
}
