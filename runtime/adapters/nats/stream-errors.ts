/** What JetStream refuses, in the codes of the port. */
import type { EsperError } from '../../../contracts/failure.ts';
import {
  streamFull,
  streamMisfit,
  streamNone,
  streamsUnreachable,
  streamTooLarge,
} from '../../ports/stream-errors.ts';
import { denied } from './denied.ts';
import { NO_CONSUMER, NO_STREAM, type RequestFailed } from './request-failed.ts';

const NO_SPACE = [10023, 10047];
/** A name or subjects taken by another stream, or a consumer where another takes the same work. */
const IN_THE_WAY = [10058, 10065, 10099, 10100];

/** @param what the stream or subject it was about */
export function streamError({ trouble, message, number }: RequestFailed, what: string): EsperError {
  if (trouble === 'denied') return denied(what);
  if (trouble === 'too-large') return streamTooLarge(what);
  if (trouble === 'nobody' || number === NO_STREAM || number === NO_CONSUMER) return streamNone(what);
  if (NO_SPACE.includes(number) || /maximum (bytes|messages)/.test(message)) return streamFull(what, message);
  if (IN_THE_WAY.includes(number)) return streamMisfit(what, message);
  return streamsUnreachable(what, message);
}
