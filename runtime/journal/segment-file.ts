/** Segment files: laid out beforehand, so that a sync moves data and no file sizes; then named, filled, used again. */
import type { Disk, OpenFile } from '../ports/disk.ts';
import { encodeHeader, newHeader, SEGMENT_HEADER, type SegmentHeader, segmentName } from './segment.ts';

const ZEROS = new Uint8Array(1 << 20);
/** A file under construction: removed by the next opening. */
const UNFINISHED = '.new';
/** A file let go by retention, whole, to be used again. */
const SPARE = '.spare';

/** Laid out and open; not yet part of the journal. */
export interface Blank {
  readonly path: string;
  readonly file: OpenFile;
  readonly size: number;
  /** Holds the bytes of an earlier segment. */
  readonly reused: boolean;
}

/** The newest segment, open for writing. */
export interface SegmentFile extends SegmentHeader {
  readonly file: OpenFile;
  /** Where the next record goes. */
  offset: number;
  /** Bytes laid out. */
  readonly size: number;
}

/** A file of `size` zeros, on the device. @param name without a folder; must not exist */
export async function layOutBlank(disk: Disk, folder: string, name: string, size: number): Promise<Blank> {
  const path = `${folder}/${name}${UNFINISHED}`;
  const file = await disk.open(path, 'create');
  try {
    await layOut(file, 0, size);
  } catch (error) {
    await file.close();
    // On a full disk this gives the room back; where even that fails, the next opening does it.
    await disk.remove(path).catch(() => undefined);
    throw error;
  }
  return { path, file, size, reused: false };
}

/** Opens a spare file to be the next segment. */
export async function openSpare(disk: Disk, folder: string, name: string, size: number): Promise<Blank> {
  const path = `${folder}/${name}`;
  return { path, file: await disk.open(path, 'append'), size, reused: true };
}

/**
 * Makes a blank the next segment, durable under its name. The header is on the device before the name says so:
 * there is never half a one.
 */
export async function nameSegment(
  disk: Disk,
  folder: string,
  { path, file, size, reused }: Blank,
  number: number,
  first: number,
): Promise<SegmentFile> {
  const header = newHeader(number, first, reused);
  try {
    await file.write(encodeHeader(header), 0);
    await file.sync();
    await disk.rename(path, `${folder}/${segmentName(number)}`);
    await disk.syncFolder(folder);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { ...header, file, offset: SEGMENT_HEADER, size };
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
  try {
    await file.write(await file.read(at.lastWrite, at.end - at.lastWrite), at.lastWrite);
    if (at.clear) await file.truncate(at.end);
    // Synced before zeros go on top: half-wiped records would look like damage.
    await file.sync();
    if (at.clear) await layOut(file, at.end, at.size);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { ...header, file, offset: at.end, size: at.size };
}

/** The name under which a segment that was let go waits to be used again. */
export const spareName = (number: number): string => segmentName(number).replace('.wal', SPARE);

/** Removes what a crash left half made, and spare files of another size. @returns the good spare files */
export async function tidyFolder(disk: Disk, folder: string, size: number): Promise<string[]> {
  const spares: string[] = [];
  for (const name of await disk.list(folder)) {
    const spare = name.endsWith(SPARE);
    if (spare && (await disk.size(`${folder}/${name}`)) === size) spares.push(name);
    else if (spare || name.endsWith(UNFINISHED)) await disk.remove(`${folder}/${name}`);
  }
  return spares;
}

async function layOut(file: OpenFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += ZEROS.length) {
    await file.write(ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
  await file.sync();
}
