/** Where durable tasks are remembered: a port, and what makes one of a journal. */
import { decode, encode } from '../../contracts/codec.ts';
import { TaskRecord } from '../../contracts/task-record.ts';
import type { SegmentedJournal } from '../journal/segmented-journal.ts';
import type { Journal } from '../ports/journal.ts';
import { recordUnreadable } from './errors.ts';

export interface TaskJournal {
  /** Resolves when the record is safe. @throws whatever keeps it from being so */
  append(record: TaskRecord): Promise<void>;
  /** All records, oldest first; only those that are safe. */
  read(): AsyncIterable<TaskRecord>;
  /**
   * Appends `records`, all at once and before anything that is appended later, then lets go of whatever came before them.
   * Absent: the journal keeps everything.
   */
  startOver?(records: readonly TaskRecord[]): Promise<void>;
}

export interface TaskJournalOptions {
  /** Nothing but these tasks is in the journal, so that its old segments may go. Default false: it keeps everything. */
  readonly alone?: boolean;
}

/**
 * Keeps task records in a journal, beside others if it must be. Whoever opened the journal closes it.
 * @param kind the number under which these records lie in it
 */
export function taskJournal(
  journal: Journal & Partial<Pick<SegmentedJournal, 'truncateBefore'>>,
  kind: number,
  { alone = false }: TaskJournalOptions = {},
): TaskJournal {
  const plain: TaskJournal = {
    async append(record) {
      await journal.append(kind, encode(record));
    },
    async *read() {
      for await (const { kind: found, body, sequence } of journal.read()) {
        if (found === kind) yield recordFrom(body, sequence);
      }
    },
  };
  if (!alone || journal.truncateBefore === undefined) return plain;
  return {
    ...plain,
    async startOver(records) {
      const written = await Promise.all(records.map((record) => journal.append(kind, encode(record))));
      await journal.truncateBefore?.(written[0] ?? journal.last + 1);
    },
  };
}

function recordFrom(body: Uint8Array, sequence: number): TaskRecord {
  try {
    return TaskRecord.parse(decode(body));
  } catch (cause) {
    throw recordUnreadable(sequence, cause);
  }
}
