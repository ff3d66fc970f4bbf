/** What became of a command by hand whose training thread has ended: what its journal has acted, all else is forgotten. */
import { EsperError, recordsFrom } from '../../contracts/index.ts';
import type { Disk } from '../../runtime/index.ts';
import { inspectJournal } from '../../runtime/journal/inspect.ts';
import { CommandOutcome } from '../training/order.ts';
import type { CurrentRun } from './current-run.ts';

/**
 * A thread that is gone writes no more, and the next one gives again what stands there: the answer stays true.
 * @param request names the command in the audit
 * @throws RUN_COMMAND_LOST (retryable) when it never acted, RUN_COMMAND_UNKNOWN (retryable) when the journal cannot be read
 */
export async function commandFate(
  disk: Disk,
  { folder }: CurrentRun,
  request: string,
): Promise<CommandOutcome> {
  const { runId, path } = folder;
  let records: Awaited<ReturnType<typeof recordsFrom>>;
  try {
    records = await recordsFrom(inspectJournal(disk, `${path}/journal`));
  } catch (cause) {
    throw unknown(runId, cause);
  }
  for (const record of records) {
    if (record.type !== 'tolaria.run.commanded' || record.by.request !== request) continue;
    const { number, boundary, step, refused, text } = record;
    return CommandOutcome.of({ number, boundary, step, refused, text });
  }
  throw commandLost(runId);
}

const commandLost = (runId: string): EsperError =>
  new EsperError(
    'RUN_COMMAND_LOST',
    `${runId}: the training thread ended while the command waited; it changed nothing and is forgotten`,
    { runId },
    { retryable: true, hint: 'give it again when the run has come up: esper admin status' },
  );

const unknown = (runId: string, cause: unknown): EsperError =>
  new EsperError(
    'RUN_COMMAND_UNKNOWN',
    `${runId}: the training thread ended while the command waited, and its journal cannot be read`,
    { runId },
    { retryable: true, cause, hint: `esper decisions ${runId} says whether it had acted` },
  );
