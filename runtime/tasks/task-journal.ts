/** Where durable tasks are remembered: a port, and what makes one of a journal. */
import { decode, encode } from '../../contracts/codec.ts';
import { TaskRecord } from '../../contracts/task-record.ts';
import type { Journal } from '../ports/journal.ts';
import { recordUnreadable } from './errors.ts';

export interface TaskJournal {
  /** Resolves when the record is safe. @throws whatever keeps it from being so */
  append(record: TaskRecord): Promise<void>;
  /** All records, oldest first; only those that are safe. */
  read(): AsyncIterable<TaskRecord>;
}

/**
 * Keeps task records in a journal, beside others if it must be. Whoever opened the journal closes it.
 * @param kind the number under which these records lie in it
 */
export function taskJournal(journal: Journal, kind: number): TaskJournal {
  return {
    async append(record) {
      await journal.append(kind, encode(record));
    },
    async *read() {
      for await (const { kind: found, body, sequence } of journal.read()) {
        if (found === kind) yield recordFrom(body, sequence);
      }
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
