/** Where runs lie on disk, and which one somebody means by a few letters. */
import { EsperError, type RunRecord, type RunStarted, recordFrom, recordsFrom } from '../contracts/index.ts';
import { inspectJournal } from '../runtime/journal/inspect.ts';
import { verifyJournal } from '../runtime/journal/survey.ts';
import type { Cli } from './cli.ts';
import { started } from './views/timeline.ts';

const runFolder = (home: string, runId: string): string => `${home}/runs/${runId}`;
export const journalFolder = (home: string, runId: string): string => `${runFolder(home, runId)}/journal`;

/** Names of all runs, sorted. */
export const runIds = ({ world, home }: Cli): Promise<readonly string[]> => world.disk.list(`${home}/runs`);

/**
 * The run that a person means: a whole id, the beginning of one, or `latest`.
 * @throws RUN_NOT_FOUND, RUN_AMBIGUOUS
 */
export async function findRun(cli: Cli, meant: string): Promise<string> {
  const ids = await runIds(cli);
  if (meant === 'latest') return latest(cli, ids);
  if (ids.includes(meant)) return meant;
  const matches = ids.filter((id) => id.startsWith(meant));
  if (matches.length > 1) {
    const details = { meant, matches };
    const hint = `write more letters: ${matches.slice(0, 5).join(', ')}`;
    throw new EsperError('RUN_AMBIGUOUS', `${matches.length} runs begin with ${meant}`, details, { hint });
  }
  const [only] = matches;
  if (only === undefined) throw notFound(meant, cli.home);
  return only;
}

export interface Run {
  readonly runId: string;
  readonly folder: string;
  readonly start: RunStarted;
  readonly records: readonly RunRecord[];
}

/**
 * Reads a run's journal; a run that is still going on is read as far as it came, a damaged one too, with a word about it.
 * @throws RUN_NOT_FOUND, RUN_AMBIGUOUS, RUN_RECORD_CORRUPT; RUN_EMPTY when nothing was recorded
 */
export async function openRun(cli: Cli, meant: string): Promise<Run> {
  const runId = await findRun(cli, meant);
  const folder = runFolder(cli.home, runId);
  const journal = journalFolder(cli.home, runId);
  const { damage } = await verifyJournal(cli.world.disk, journal);
  if (damage?.kind === 'corrupt')
    cli.note(`JOURNAL_CORRUPT ${runId} is read up to record ${damage.sequence}: esper wal verify ${runId}`);
  const records = await recordsFrom(inspectJournal(cli.world.disk, journal));
  const start = started(records);
  if (start) return { runId, folder, start, records };
  const hint = `esper wal verify ${runId} tells whether the journal is damaged`;
  throw new EsperError('RUN_EMPTY', `run ${runId} has recorded nothing`, { folder }, { hint });
}

/** When a run started, 0 when its journal does not tell. */
async function startedAt(cli: Cli, runId: string): Promise<number> {
  for await (const record of inspectJournal(cli.world.disk, journalFolder(cli.home, runId))) {
    const first = recordFrom(record);
    return first.type === 'tolaria.run.started' ? first.startedAtMs : 0;
  }
  return 0;
}

async function latest(cli: Cli, ids: readonly string[]): Promise<string> {
  const dated = await Promise.all(ids.map(async (id) => ({ id, at: await startedAt(cli, id) })));
  const newest = dated.reduce((a, b) => (b.at >= a.at ? b : a), { id: '', at: Number.NEGATIVE_INFINITY });
  if (newest.id) return newest.id;
  throw notFound('latest', cli.home);
}

function notFound(meant: string, home: string): EsperError {
  const what = meant === 'latest' ? `there are no runs in ${home}` : `there is no run ${meant} in ${home}`;
  const hint = meant === 'latest' ? 'esper train config/spirals.yaml' : 'esper runs ls';
  return new EsperError('RUN_NOT_FOUND', what, { meant, home }, { hint });
}
