/** What a run came to, read from its journal: the same words whether one process ran it or five. */
import { type BoundaryCommitted, type RunEnded, recordsFrom } from '../contracts/index.ts';
import type { Disk } from '../runtime/index.ts';
import { inspectJournal } from '../runtime/journal/inspect.ts';
import type { RunSummary } from './runner.ts';

export async function summarise(order: {
  readonly disk: Disk;
  readonly folder: string;
  readonly runId: string;
  readonly ended: RunEnded;
  readonly files: Readonly<Record<string, string>>;
  readonly startMs: number;
}): Promise<RunSummary> {
  const { disk, folder, runId, ended, files, startMs } = order;
  const records = await recordsFrom(inspectJournal(disk, `${folder}/journal`));
  const boundaries = records.filter((record) => record.type === 'tolaria.boundary.committed');
  const before = beforeGrowth(boundaries);
  return {
    ended,
    runId,
    folder,
    files,
    initialAccuracy: before?.validationAccuracy ?? null,
    initialLoss: before?.validationLoss ?? null,
    rollbacks: records.flatMap((record) =>
      record.type === 'tolaria.run.rolled_back' ? [{ reason: record.reason, ms: record.ms }] : [],
    ),
    decisions: boundaries.flatMap(({ epoch, decisions }) =>
      decisions
        .filter(({ type }) => type !== 'ADVANCE' && type !== 'WAIT')
        .map(({ type, seedId, slotId, reason }) => ({
          epoch,
          text: `${type.toLowerCase()} ${seedId} in ${slotId}: ${reason}`,
        })),
    ),
    startMs,
  };
}

/** The boundary at which the host alone had come as far as it would: that of the first germination, else the first. */
function beforeGrowth(boundaries: readonly BoundaryCommitted[]): BoundaryCommitted | undefined {
  return (
    boundaries.find(({ transitions }) => transitions.some(({ to }) => to === 'GERMINATED')) ?? boundaries[0]
  );
}
