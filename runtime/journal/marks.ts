/** Where checkpoints stand in a journal: an index that may be lost or late without harm, for records are the truth. */
import type { Disk } from '../ports/disk.ts';
import { crc32 } from './crc32.ts';
import { endAt, kindAt, RECORD_HEADER, recordEnd } from './record.ts';
import { decodeHeader, SEGMENT_HEADER, segmentName, viewOf } from './segment.ts';

/** A record of a declared kind, from which a reader may start. */
export interface Mark {
  readonly sequence: number;
  readonly kind: number;
  /** Number of its segment, and offset in there. */
  readonly segment: number;
  readonly offset: number;
}

/** Enough to go back a few times; older ones are forgotten, and found again only by reading. */
const MARKS_KEPT = 64;
export const MARKS_FILE = 'marks.json';

export class Marks {
  readonly kinds: ReadonlySet<number>;
  #all: Mark[];
  /** Sequence of the newest in the index as it was last written. */
  #written: number;

  /** @param known marks that are believed, oldest first  @param written sequence of the newest that the index file has */
  constructor(kinds: readonly number[] = [], known: readonly Mark[] = [], written = 0) {
    this.kinds = new Set(kinds);
    this.#all = [...known];
    this.#written = written;
  }

  /** Oldest first. */
  get all(): readonly Mark[] {
    return this.#all;
  }

  /** The newest at or before a sequence. */
  before(sequence: number): Mark | undefined {
    return this.#all.findLast((mark) => mark.sequence <= sequence);
  }

  add(mark: Mark): void {
    this.#all.push(mark);
    if (this.#all.length > MARKS_KEPT) this.#all.shift();
  }

  /** Forgets what was let go. */
  dropBefore(sequence: number): void {
    this.#all = this.#all.filter((mark) => mark.sequence >= sequence);
  }

  /** Writes the index if there is anything new in it. */
  async save(disk: Disk, folder: string): Promise<void> {
    const newest = this.#all.at(-1);
    if (!newest || newest.sequence === this.#written) return;
    const marks = JSON.stringify(this.#all);
    const text = JSON.stringify({ version: 1, checksum: crc32(new TextEncoder().encode(marks)), marks });
    await disk.writeAtomic(`${folder}/${MARKS_FILE}`, new TextEncoder().encode(text));
    this.#written = newest.sequence;
  }
}

/** Marks as last written; nothing when there is no index, or it is damaged. */
export async function readMarks(disk: Disk, folder: string): Promise<readonly Mark[]> {
  const path = `${folder}/${MARKS_FILE}`;
  if (!(await disk.exists(path))) return [];
  const text = new TextDecoder().decode(await disk.read(path));
  try {
    const { version, checksum, marks } = JSON.parse(text) as Record<string, unknown>;
    if (version !== 1 || typeof marks !== 'string') return [];
    return crc32(new TextEncoder().encode(marks)) === checksum ? (JSON.parse(marks) as Mark[]) : [];
  } catch {
    return [];
  }
}

/** Looks every mark of the index up: how many stand, and how many are late and will be found anew. */
export async function verifyMarks(disk: Disk, folder: string): Promise<{ good: number; stale: number }> {
  const marks = await readMarks(disk, folder);
  const found = await Promise.all(marks.map((mark) => stands(disk, folder, mark)));
  const good = found.filter(Boolean).length;
  return { good, stale: marks.length - good };
}

/** True when the very record that an index speaks of stands where it says. */
export async function stands(disk: Disk, folder: string, mark: Mark): Promise<boolean> {
  const path = `${folder}/${segmentName(mark.segment)}`;
  if (!(await disk.exists(path))) return false;
  const file = await disk.open(path, 'read');
  try {
    const header = decodeHeader(await file.read(0, SEGMENT_HEADER));
    if (typeof header === 'string' || header.number !== mark.segment) return false;
    const head = await file.read(mark.offset, RECORD_HEADER);
    if (head.length < RECORD_HEADER || kindAt(viewOf(head), 0) !== mark.kind) return false;
    const bytes = await file.read(mark.offset, lengthOf(head, (await file.size()) - mark.offset));
    return recordEnd(bytes, viewOf(bytes), 0, mark.sequence, header.salt) > 0;
  } finally {
    await file.close();
  }
}

const lengthOf = (head: Uint8Array, bytesMax: number) => Math.min(bytesMax, endAt(viewOf(head), 0));
