/** What a journal says about a run that another process left behind. Pure. */
import {
  EsperError,
  type RunCommanded,
  type RunEnded,
  type RunRecord,
  type RunStarted,
} from '../../contracts/index.ts';
import { pausesIn } from './pause.ts';
import { keyOf } from './run-log.ts';

export interface Recalled {
  readonly started: RunStarted;
  /** Newest committed boundary; -1 when there is none. */
  readonly lastCommitted: number;
  readonly lastStep: number;
  /** Digest of every committed boundary. */
  readonly digests: ReadonlyMap<number, string>;
  /** Steps of the boundaries at which adaptation paused. */
  readonly paused: ReadonlySet<number>;
  /** What people commanded, in the order in which it acted. */
  readonly commanded: readonly RunCommanded[];
  /** Keys of everything already written. */
  readonly known: ReadonlySet<string>;
  /** How the run ended last; null when a crash ended it. */
  readonly ended: RunEnded | null;
}

/** @throws RUN_NEVER_STARTED when the journal is empty: the crash came before the first record */
export function recall(runId: string, records: readonly RunRecord[]): Recalled {
  const started = records[0];
  if (started?.type !== 'tolaria.run.started') {
    throw new EsperError(
      'RUN_NEVER_STARTED',
      `run ${runId} has no first record`,
      { runId },
      { hint: 'start it again with `esper train`' },
    );
  }
  const digests = new Map<number, string>();
  let [lastCommitted, lastStep] = [-1, 0];
  for (const record of records) {
    if (record.type !== 'tolaria.boundary.committed') continue;
    if (digests.has(record.boundary)) {
      throw new EsperError('RUN_BOUNDARY_TWICE', `boundary ${record.boundary} stands twice in the journal`, {
        runId,
        boundary: record.boundary,
      });
    }
    digests.set(record.boundary, record.digest);
    lastCommitted = record.boundary;
    lastStep = record.step;
  }
  const last = records.at(-1);
  return {
    started,
    lastCommitted,
    lastStep,
    digests,
    paused: pausesIn(records),
    commanded: records.filter((record) => record.type === 'tolaria.run.commanded'),
    known: new Set(records.map(keyOf)),
    ended: last?.type === 'tolaria.run.ended' ? last : null,
  };
}
