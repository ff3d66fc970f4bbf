/** From bytes in a journal to what a run said. */
import { decode, EsperError, RUN_RECORDS, type RunRecord } from '../contracts/index.ts';
import type { JournalRecord } from '../runtime/index.ts';

/**
 * A journal record as the message it holds; the kind is a position in RUN_RECORDS, counted from 1.
 * @throws RUN_RECORD_CORRUPT when it is of no known kind or does not hold what its kind promises
 */
export function runRecord({ kind, body, sequence }: JournalRecord): RunRecord {
  const contract = RUN_RECORDS[kind - 1];
  const hint = 'esper wal verify <run> tells where the journal is damaged';
  if (!contract)
    throw new EsperError('RUN_RECORD_CORRUPT', `record ${sequence} is of no known kind`, { kind }, { hint });
  try {
    return contract.parse(decode(body)) as RunRecord;
  } catch (cause) {
    const details = { sequence, contract: contract.type };
    throw new EsperError('RUN_RECORD_CORRUPT', `record ${sequence} cannot be read`, details, { hint, cause });
  }
}

/** All records of a journal, oldest first. */
export async function runRecords(journal: AsyncIterable<JournalRecord>): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const record of journal) records.push(runRecord(record));
  return records;
}
