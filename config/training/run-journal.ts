/** Opens the journal of a run: writes its first record, or reads what an earlier process left. */
import { type Recalled, recall } from '../../actors/tolaria/recall.ts';
import {
  EsperError,
  kindOf,
  type RunRecord,
  RunStarted,
  recordBytes,
  recordsFrom,
} from '../../contracts/index.ts';
import type { Journal, Processes } from '../../runtime/index.ts';
import { openJournal } from '../../runtime/journal/open-journal.ts';
import type { TrainOrder } from './order.ts';
import type { TrainingWorld } from './world.ts';

/** Bytes a journal lays out at a time: a run writes a few hundred bytes a boundary. */
const SEGMENT_BYTES = 1 << 20;

export interface OpenedJournal extends Recalled {
  readonly journal: Journal;
  /** Opens it again after it failed. */
  readonly reopen: () => Promise<Journal>;
}

/** @throws RUN_ALREADY_ENDED, RUN_NEVER_STARTED, JOURNAL_LOCKED, JOURNAL_CORRUPT */
export async function openRunJournal(order: TrainOrder, world: TrainingWorld): Promise<OpenedJournal> {
  const folder = `${order.folder}/journal`;
  const open = async (processes: Processes) =>
    (await openJournal({ disk: world.disk, folder, processes, segmentBytes: SEGMENT_BYTES })).journal;
  const journal = await open(world.processes);
  try {
    if (!order.resume) await journal.append(1, recordBytes(firstRecord(order, world)));
    const recalled = recall(order.runId, await recordsFrom(journal.read()));
    if (order.resume) refuseEnded(order.runId, recalled);
    return { ...recalled, journal, reopen: () => open(heirOfItself(world.processes)) };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** A process writes one journal: a lock in its own name is one that the failing disk did not let it take away. */
function heirOfItself(processes: Processes): Processes {
  const { pid, started } = processes.self();
  return {
    self: () => processes.self(),
    alive: (who) => !(who.pid === pid && who.started === started) && processes.alive(who),
  };
}

function firstRecord(
  { runId, config, catalogue, quarantined, engine }: TrainOrder,
  world: TrainingWorld,
): RunRecord {
  if (config === null)
    throw new EsperError('RUN_WITHOUT_CONFIG', 'a new run needs a configuration', { runId });
  const record = RunStarted.of({
    runId,
    config,
    catalogue,
    quarantined,
    backend: config.backend,
    engine,
    startedAtMs: world.clock.wallMs(),
  });
  if (kindOf(record) !== 1)
    throw new EsperError('RUN_RECORD_ORDER', 'RunStarted must be the first kind of record');
  return record;
}

function refuseEnded(runId: string, { ended }: Recalled): void {
  if (ended === null || ended.outcome === 'interrupted' || ended.outcome === 'failed') return;
  throw new EsperError(
    'RUN_ALREADY_ENDED',
    `run ${runId} has ended: ${ended.outcome.replace('_', ' ')}`,
    { runId, outcome: ended.outcome },
    {
      hint: `see it with: esper run show ${runId}`,
    },
  );
}
