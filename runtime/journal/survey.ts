/** Reads a whole journal folder and says what is good, where that ends, and why. Changes nothing. */
import type { Disk } from '../ports/disk.ts';
import { decodeHeader, judgeTail, recordsIn, SEGMENT_HEADER, segmentName, segmentNumber } from './segment.ts';

/** Sequence of the oldest record that may be asked for, when older segments were let go. */
export const FLOOR_FILE = 'floor.json';

export interface SegmentReport {
  readonly file: string;
  readonly number: number;
  /** Sequence of its first record; `last` is `first - 1` while it is empty. */
  readonly first: number;
  readonly last: number;
  /** Offsets of the newest write and of the byte after its last good record. */
  readonly lastWrite: number;
  readonly end: number;
  /** Length of the file, room for later records included. */
  readonly size: number;
}

export interface Damage {
  /** `torn`: the unfinished last write, safe to cut. `corrupt`: something acknowledged is damaged. */
  readonly kind: 'torn' | 'corrupt';
  readonly segment: string;
  readonly offset: number;
  /** Sequence of the first record that is missing or damaged. */
  readonly sequence: number;
  readonly reason: string;
  /** Bytes that are not zero from `offset` on. */
  readonly bytes: number;
}

export interface JournalReport {
  readonly ok: boolean;
  readonly segments: readonly SegmentReport[];
  readonly records: number;
  /** Sequence of the oldest and newest good record; 1 and 0 when there is none. */
  readonly first: number;
  readonly last: number;
  readonly damage?: Damage;
}

/**
 * Checks every record of a journal, running or not. What lies behind the first damage is not looked at.
 * @throws DISK_FAILED and its kin; damage is an answer, not an error
 */
export async function verifyJournal(disk: Disk, folder: string): Promise<JournalReport> {
  const names = (await disk.list(folder)).filter((name) => segmentNumber(name) !== undefined);
  const floor = await floorOf(disk, folder);
  const segments: SegmentReport[] = [];
  for (const [i, file] of names.entries()) {
    const before = segments.at(-1);
    const bytes = await disk.read(`${folder}/${file}`);
    const checked = check(file, bytes, before, floor, i === names.length - 1);
    if (checked.segment) segments.push(checked.segment);
    if (checked.damage) return report(segments, checked.damage);
  }
  return report(segments);
}

function check(
  file: string,
  bytes: Uint8Array,
  before: SegmentReport | undefined,
  floor: number,
  newest: boolean,
): { segment?: SegmentReport; damage?: Damage } {
  const number = segmentNumber(file) ?? 0;
  const expected = before ? before.last + 1 : floor;
  const damaged = (reason: string) =>
    ({
      damage: { kind: 'corrupt', segment: file, offset: 0, sequence: expected, reason, bytes: bytes.length },
    }) as const;
  if (before && number !== before.number + 1) return damaged(`${segmentName(before.number + 1)} is missing`);
  const header = decodeHeader(bytes);
  if (header?.number !== number) return damaged('the header is damaged or belongs to another file');
  if (before ? header.first !== expected : header.first > expected) {
    return damaged(`it begins with record ${header.first}, not with ${expected}`);
  }
  let end = SEGMENT_HEADER;
  let lastWrite = end;
  let last = header.first - 1;
  for (const record of recordsIn(bytes, header.first)) {
    if (record.place === 0) lastWrite = end;
    end = record.end;
    last = record.sequence;
  }
  const segment = { file, number, first: header.first, last, lastWrite, end, size: bytes.length };
  const tail = judgeTail(bytes, end, last + 1);
  if (tail.kind === 'clean') return { segment };
  const kind = newest ? tail.kind : 'corrupt';
  const reason = kind === 'torn' ? 'the last write was cut short' : `record ${last + 1} is damaged`;
  return {
    segment,
    damage: { kind, segment: file, offset: end, sequence: last + 1, reason, bytes: tail.bytes },
  };
}

function report(segments: readonly SegmentReport[], damage?: Damage): JournalReport {
  const first = segments[0]?.first ?? 1;
  const last = segments.at(-1)?.last ?? 0;
  const found = { segments, records: last - first + 1, first, last };
  return damage ? { ok: false, ...found, damage } : { ok: true, ...found };
}

async function floorOf(disk: Disk, folder: string): Promise<number> {
  const path = `${folder}/${FLOOR_FILE}`;
  if (!(await disk.exists(path))) return 1;
  return Number(JSON.parse(new TextDecoder().decode(await disk.read(path))).first);
}
