/** The newest segment, open for writing: laid out with zeros beforehand, so that a sync moves data and no file sizes. */
import type { Disk, OpenFile } from '../ports/disk.ts';
import { encodeHeader, SEGMENT_HEADER, type SegmentHeader, segmentName } from './segment.ts';

const ZEROS = new Uint8Array(1 << 20);
/** A segment under construction; it gets its real name when it is whole, so there is never half a header. */
const UNFINISHED = '.new';

export interface SegmentFile extends SegmentHeader {
  readonly file: OpenFile;
  /** Where the next record goes. */
  offset: number;
  /** Bytes laid out. */
  readonly size: number;
}

/** Makes an empty segment of `size` bytes, durable under its name, and opens it. */
export async function createSegment(
  disk: Disk,
  folder: string,
  header: SegmentHeader,
  size: number,
): Promise<SegmentFile> {
  const path = `${folder}/${segmentName(header.number)}`;
  const unfinished = await disk.open(path + UNFINISHED, 'create');
  try {
    await unfinished.write(encodeHeader(header), 0);
    await layOut(unfinished, SEGMENT_HEADER, size);
  } finally {
    await unfinished.close();
  }
  await disk.rename(path + UNFINISHED, path);
  await disk.syncFolder(folder);
  return { ...header, file: await disk.open(path, 'append'), offset: SEGMENT_HEADER, size };
}

/**
 * Opens a segment after its last good record. With `clear`, what stands behind that is wiped first and stays wiped.
 *
 * The newest write may be in the system's memory and not on the device: its sync failed, or never came. A sync now
 * would pass it over, so its bytes are written once more before anybody builds on them.
 */
export async function reopenSegment(
  disk: Disk,
  folder: string,
  header: SegmentHeader,
  at: { readonly lastWrite: number; readonly end: number; readonly size: number; readonly clear: boolean },
): Promise<SegmentFile> {
  const file = await disk.open(`${folder}/${segmentName(header.number)}`, 'append');
  await file.write(await file.read(at.lastWrite, at.end - at.lastWrite), at.lastWrite);
  if (at.clear) await file.truncate(at.end);
  // Synced before zeros go on top: half-wiped records would look like damage.
  await file.sync();
  if (at.clear) await layOut(file, at.end, at.size);
  return { ...header, file, offset: at.end, size: at.size };
}

/** Removes what a crash left half made. */
export async function removeUnfinished(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (name.endsWith(UNFINISHED)) await disk.remove(`${folder}/${name}`);
  }
}

async function layOut(file: OpenFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += ZEROS.length) {
    await file.write(ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
  await file.sync();
}
