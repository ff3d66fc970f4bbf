/** Reads a journal folder and says what is good, where that ends, and why. Changes nothing. */
import type { Disk } from '../ports/disk.ts';
import { inflater } from './body.ts';
import { type Damage, type JournalReport, reportOf, type SegmentReport } from './report.ts';
import { type Standing, scan, startOf, type Visitor } from './scan.ts';
import { decodeHeader, SEGMENT_HEADER, type SegmentHeader, segmentName, segmentNumber } from './segment.ts';
import { judgeTail, type Tail } from './tail.ts';

/** Sequence of the oldest record that may be asked for, when older segments were let go. */
export const FLOOR_FILE = 'floor.json';

/** A place in a journal that the walk may begin at, taking the headers of older segments for the rest. */
export interface Jump extends Standing {
  readonly segment: number;
}

const LOOK: Visitor = { from: 1, inflate: inflater(undefined) };

/**
 * Checks every record of a journal, running or not. What lies behind the first damage is not looked at.
 * @throws DISK_FAILED and its kin; damage is an answer, not an error
 */
export async function verifyJournal(disk: Disk, folder: string): Promise<JournalReport> {
  for (;;) {
    const before = await segmentsIn(disk, folder);
    const outcome = await surveyJournal(disk, folder, LOOK).catch((error: { code?: string }) => {
      if (error.code === 'DISK_NOT_FOUND') return error;
      throw error;
    });
    const report = 'segments' in outcome ? outcome : undefined;
    if (report && report.damage?.kind !== 'corrupt') return report;
    // Retention of a running journal may have pulled a segment from under us: only what stays as it is tells anything.
    if (before.join() !== (await segmentsIn(disk, folder)).join()) continue;
    if (report) return report;
    throw outcome;
  }
}

const segmentsIn = async (disk: Disk, folder: string): Promise<readonly string[]> =>
  (await disk.list(folder)).filter((name) => segmentNumber(name) !== undefined);

/** As `verifyJournal`, showing good records to a visitor on the way. @param jump must be the place of a good record */
export async function surveyJournal(
  disk: Disk,
  folder: string,
  visitor: Visitor,
  jump?: Jump,
): Promise<JournalReport> {
  const names = await segmentsIn(disk, folder);
  const floor = await floorOf(disk, folder);
  if (typeof floor === 'object') return reportOf([], floor);
  const segments: SegmentReport[] = [];
  for (const [i, file] of names.entries()) {
    const path = `${folder}/${file}`;
    const passedOver = (segmentNumber(file) ?? 0) < (jump?.segment ?? 0);
    const bytes = await (passedOver ? headOf(disk, path) : disk.read(path));
    const header = headerOf(file, bytes, segments.at(-1), floor);
    if ('kind' in header) return reportOf(segments, header);
    lastOf(segments, header);
    if (passedOver) {
      segments.push({ ...header, file, ...PASSED_OVER, last: header.first - 1, size: await disk.size(path) });
      continue;
    }
    const at = jump?.segment === header.number ? jump : startOf(header);
    const newest = i === names.length - 1;
    const { segment, damage } = check(file, bytes, header, at, visitor, newest);
    segments.push(segment);
    if (damage) return reportOf(segments, damage);
  }
  return reportOf(segments);
}

const PASSED_OVER = { lastWrite: 0, end: 0, tail: 'clean' } as const;

/** A segment that was passed over ends where the next one begins. */
function lastOf(segments: SegmentReport[], { first }: SegmentHeader): void {
  const before = segments.at(-1);
  if (before?.end === 0) segments[segments.length - 1] = { ...before, last: first - 1 };
}

/** The header of a segment, if it can stand behind `before`. */
function headerOf(
  file: string,
  bytes: Uint8Array,
  before: SegmentReport | undefined,
  floor: number,
): SegmentHeader | Damage {
  const number = segmentNumber(file) ?? 0;
  const expected = before ? before.last + 1 : floor;
  const damaged = (reason: string): Damage => ({
    kind: 'corrupt',
    segment: file,
    offset: 0,
    sequence: expected,
    reason,
    bytes: bytes.length,
  });
  if (before && number !== before.number + 1) return damaged(`${segmentName(before.number + 1)} is missing`);
  const header = decodeHeader(bytes);
  if (typeof header === 'string') return damaged(header);
  if (header.number !== number) return damaged('the header belongs to another file');
  if (before ? header.first < expected : header.first > expected) {
    return damaged(`it begins with record ${header.first}, not with ${expected}`);
  }
  if (!before || before.end === 0 || header.first === expected) return header;
  const { file: segment, end: offset, size } = before;
  const reason = `record ${expected} is damaged`;
  return { kind: 'corrupt', segment, offset, sequence: expected, reason, bytes: size - offset };
}

/** What follows the last record of an older segment is no matter: the next one says where it begins. */
function check(
  file: string,
  bytes: Uint8Array,
  header: SegmentHeader,
  at: Standing,
  visitor: Visitor,
  newest: boolean,
): { segment: SegmentReport; damage?: Damage } {
  const { offset, sequence, lastWrite } = scan(bytes, header, at, visitor);
  const tail = newest ? judgeTail(bytes, offset, sequence, header) : CLEAN;
  const found = { last: sequence - 1, lastWrite, end: offset, size: bytes.length, tail: tail.kind };
  const segment = { ...header, file, ...found };
  if (tail.kind === 'clean' || tail.kind === 'stale') return { segment };
  const reason = tail.kind === 'torn' ? 'the last write was cut short' : `record ${sequence} is damaged`;
  return { segment, damage: { kind: tail.kind, segment: file, offset, sequence, reason, bytes: tail.bytes } };
}

const CLEAN: Tail = { kind: 'clean', bytes: 0 };

async function headOf(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    return await file.read(0, SEGMENT_HEADER);
  } finally {
    await file.close();
  }
}

async function floorOf(disk: Disk, folder: string): Promise<number | Damage> {
  const path = `${folder}/${FLOOR_FILE}`;
  if (!(await disk.exists(path))) return 1;
  const bytes = await disk.read(path);
  const first = Number(/^\s*\{\s*"first"\s*:\s*(\d+)\s*\}\s*$/.exec(new TextDecoder().decode(bytes))?.[1]);
  if (Number.isSafeInteger(first)) return first;
  const reason = 'nobody can read where the journal begins';
  return { kind: 'corrupt', segment: FLOOR_FILE, offset: 0, sequence: 1, reason, bytes: bytes.length };
}
