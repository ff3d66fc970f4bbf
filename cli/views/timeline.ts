/** A run's records in order, with those marked that a rollback or a restart took back. */
import type { BoundaryCommitted, RunRecord, RunStarted } from '../../contracts/index.ts';

export interface Committed {
  readonly boundary: BoundaryCommitted;
  /** True when training went back before this boundary and came by again. */
  readonly undone: boolean;
}

/** Every boundary ever committed, oldest first. */
export function committed(records: readonly RunRecord[]): readonly Committed[] {
  const all: { boundary: BoundaryCommitted; undone: boolean }[] = [];
  const undoAfter = (last: number) => {
    for (const entry of all) if (entry.boundary.boundary > last) entry.undone = true;
  };
  for (const record of records) {
    if (record.type === 'tolaria.run.rolled_back') undoAfter(record.toBoundary);
    if (record.type === 'tolaria.boundary.committed') {
      undoAfter(record.boundary - 1);
      all.push({ boundary: record, undone: false });
    }
  }
  return all;
}

/** The boundaries that count, oldest first. */
export const standing = (records: readonly RunRecord[]): readonly BoundaryCommitted[] =>
  committed(records).flatMap(({ boundary, undone }) => (undone ? [] : [boundary]));

/** Records of one kind. */
export const ofType = <T extends RunRecord['type']>(
  records: readonly RunRecord[],
  type: T,
): readonly Extract<RunRecord, { type: T }>[] =>
  records.filter((record): record is Extract<RunRecord, { type: T }> => record.type === type);

export const started = (records: readonly RunRecord[]): RunStarted | null =>
  ofType(records, 'tolaria.run.started')[0] ?? null;
