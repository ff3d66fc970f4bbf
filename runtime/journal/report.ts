/** What a look at a journal found: its segments, how far it is good, and what is wrong behind that. */
import type { SegmentHeader } from './segment.ts';
import type { Tail } from './tail.ts';

export interface SegmentReport extends SegmentHeader {
  readonly file: string;
  /** Sequence of its newest record; `first - 1` while it is empty. */
  readonly last: number;
  /** Offsets of the newest write and of the byte after its last good record; 0 when it was passed over. */
  readonly lastWrite: number;
  readonly end: number;
  /** Length of the file, room for later records included. */
  readonly size: number;
  readonly tail: Tail['kind'];
}

export interface Damage {
  /** `torn`: the unfinished last write, safe to cut. `corrupt`: something acknowledged is damaged. */
  readonly kind: 'torn' | 'corrupt';
  readonly segment: string;
  readonly offset: number;
  /** Sequence of the first record that is missing or damaged. */
  readonly sequence: number;
  readonly reason: string;
  /** Bytes from `offset` on that are no good. */
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

export function reportOf(segments: readonly SegmentReport[], damage?: Damage): JournalReport {
  const first = segments[0]?.first ?? 1;
  const last = segments.at(-1)?.last ?? 0;
  const found = { segments, records: last - first + 1, first, last };
  return damage ? { ok: false, ...found, damage } : { ok: true, ...found };
}
