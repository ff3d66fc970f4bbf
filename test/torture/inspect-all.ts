/** All records of a journal, with their places. */

import { type InspectedRecord, inspectJournal } from '../../runtime/journal/inspect.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import { folder } from '../runtime/journal/workbench.ts';

export async function inspectAll(disk: Disk): Promise<InspectedRecord[]> {
  const records: InspectedRecord[] = [];
  for await (const record of inspectJournal(disk, folder)) records.push(record);
  return records;
}
