/** The ways a journal says no, each with what a person should do next. */
import { EsperError, toFailure } from '../../contracts/failure.ts';
import type { ProcessIdentity } from '../ports/processes.ts';
import type { Damage } from './report.ts';

export function journalCorrupt(folder: string, { kind: _, ...damage }: Damage): EsperError {
  return new EsperError(
    'JOURNAL_CORRUPT',
    `${damage.segment} is damaged at offset ${damage.offset}: ${damage.reason}`,
    { folder, ...damage },
    {
      hint: `\`esper wal verify\` shows the damage; restore ${damage.segment} from a copy${giveUp(damage.sequence - 1)}`,
    },
  );
}

/** Nothing can be kept of a journal whose first record is damaged. */
const giveUp = (last: number) =>
  last > 0 ? `, or give up what came after with \`esper wal cut --after ${last} --yes\`` : '';

export function journalFailed(folder: string, last: number, cause: unknown): EsperError {
  const { code, message } = toFailure(cause);
  return new EsperError(
    'JOURNAL_FAILED',
    `the journal stopped after record ${last}: ${message}`,
    { folder, last, because: code },
    {
      hint: 'acknowledged records are safe: mend the disk, then open the journal again',
      cause,
      retryable: true,
    },
  );
}

export function journalClosed(folder: string): EsperError {
  return new EsperError('JOURNAL_CLOSED', 'the journal is closed', { folder }, { hint: 'open it again' });
}

export function journalLocked(folder: string, holder: ProcessIdentity): EsperError {
  return new EsperError(
    'JOURNAL_LOCKED',
    `process ${holder.pid} writes this journal`,
    { folder, pid: holder.pid },
    { hint: `stop process ${holder.pid}, or give this run another folder`, retryable: true },
  );
}

/** A reader asked for, or was overtaken by the removal of, what retention has let go. */
export function recordsLetGo(folder: string, sequence: number, first: number): EsperError {
  return new EsperError(
    'JOURNAL_LET_GO',
    `record ${sequence} was let go while it was read; the oldest kept is ${first}`,
    { folder, sequence, first },
    { hint: `read again from record ${first}, or keep more segments`, retryable: true },
  );
}

export function compressionMissing(sequence: number): EsperError {
  return new EsperError(
    'JOURNAL_COMPRESSED',
    `record ${sequence} is compressed`,
    { sequence },
    { hint: 'open the journal with the compression it was written with' },
  );
}

export function recordTooLarge(bytes: number, bytesMax: number): EsperError {
  return new EsperError(
    'JOURNAL_RECORD_TOO_LARGE',
    `a record of ${bytes} bytes is not journal material`,
    { bytes, bytesMax },
    { hint: 'put large data into a checkpoint and journal its name and hash' },
  );
}
