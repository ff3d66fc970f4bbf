/** A look at a stream that waits until it is wholly there: who asks too early brings a server of 2.9 down. */
import type { StreamInfo } from 'nats';
import { passed } from '../../maybe.ts';
import type { Connection } from './connection.ts';
import { NO_STREAM, orNone, RequestFailed } from './request-failed.ts';

/** How often a stream that is being made is looked at again, and after how long. */
const MOST_LOOKS = 50;
const MAKING_MS = 20;

/**
 * Two nodes that miss a stream at the same moment both make it. While the server makes its files for the first, it tells
 * the second that all is well; a message of the stream that is asked for now is read through a pointer that is not set
 * yet, and the whole server falls (seen on 2.9.10). What it says of the stream's birth is set together with that pointer.
 * @returns nothing when there is no such stream. Rejects with RequestFailed, also when the server is not done in a second
 */
export async function bornStream(connection: Connection, name: string): Promise<StreamInfo | undefined> {
  for (let looks = 1; ; looks++) {
    const found = await connection.manage(({ streams }) => orNone(NO_STREAM, streams.info(name)));
    if (found === undefined || !isUnborn(found)) return found;
    if (looks === MOST_LOOKS) throw new RequestFailed('late', 'the stream is still being made');
    await passed(connection.clock, MAKING_MS);
  }
}

/** Born in the year 1. */
const isUnborn = ({ created }: StreamInfo): boolean => String(created).startsWith('0001-');
