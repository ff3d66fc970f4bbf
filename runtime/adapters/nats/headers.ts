/** Headers of a message, between plain records and the client library. */
import { headers, type MsgHdrs } from 'nats';

/** Values lose line breaks, which would end them. */
export function headersOf(record: Readonly<Record<string, string>>): MsgHdrs {
  const made = headers();
  for (const [key, value] of Object.entries(record)) made.set(key, value.replace(/[\r\n]+/g, ' '));
  return made;
}

/** The first value of each; those that the broker adds for itself are left out. */
export function recordOf(received: MsgHdrs | undefined): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (const [key, [value]] of received ?? []) {
    if (!key.startsWith('Nats-') && value !== undefined) record[key] = value;
  }
  return record;
}
