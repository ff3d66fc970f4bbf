/** How a run's records lie in a journal: numbered by kind, so that a journal can be surveyed without reading bodies. */
import { decode, encode } from './codec.ts';
import { EsperError } from './failure.ts';
import { RUN_RECORDS, type RunRecord } from './run-journal.ts';

/** A record as a journal holds it. */
export interface StoredRecord {
  readonly sequence: number;
  readonly kind: number;
  readonly body: Uint8Array;
}

/** Its place in RUN_RECORDS, counted from 1. New kinds go to the end of that list, or old journals change their meaning. */
export const kindOf = (record: RunRecord): number =>
  RUN_RECORDS.findIndex(({ type }) => type === record.type) + 1;

export const recordBytes = (record: RunRecord): Uint8Array => encode(record);

/** @throws RUN_RECORD_CORRUPT when it is of no known kind or does not hold what its kind promises */
export function recordFrom({ kind, body, sequence }: StoredRecord): RunRecord {
  const contract = RUN_RECORDS[kind - 1];
  const hint = 'esper wal verify <run> tells where the journal is damaged';
  if (!contract) {
    throw new EsperError(
      'RUN_RECORD_CORRUPT',
      `record ${sequence} is of no known kind`,
      { kind, sequence },
      { hint },
    );
  }
  try {
    return contract.parse(decode(body)) as RunRecord;
  } catch (cause) {
    const details = { sequence, contract: contract.type };
    throw new EsperError('RUN_RECORD_CORRUPT', `record ${sequence} cannot be read`, details, { hint, cause });
  }
}

/** All records of a journal, oldest first. @throws RUN_RECORD_CORRUPT */
export async function recordsFrom(journal: AsyncIterable<StoredRecord>): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const record of journal) records.push(recordFrom(record));
  return records;
}
