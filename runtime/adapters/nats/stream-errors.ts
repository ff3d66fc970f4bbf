/** What a stream's server refuses, in the codes of the port. */
import { EsperError } from '../../../contracts/failure.ts';
import { NO_CONSUMER, NO_STREAM, type RequestFailed } from './request-failed.ts';

const NAME_TAKEN = 10058;
const OVERLAP = 10065;
const CONSUMER_NOT_ALONE = [10099, 10100];
const NO_SPACE = [10023, 10047];

/** @param what the stream or subject it was about */
export function streamError({ trouble, message, number }: RequestFailed, what: string): EsperError {
  const details = { what, reason: message };
  if (trouble === 'denied') {
    return new EsperError('NATS_DENIED', `this user may not use ${what}`, details, {
      hint: 'Widen the permissions of this user on the NATS server.',
    });
  }
  if (trouble === 'too-large') {
    return new EsperError(
      'STREAM_TOO_LARGE',
      `the message to ${what} is larger than the broker takes`,
      details,
      {
        hint: 'Store the bulk elsewhere and send its name.',
      },
    );
  }
  if (trouble === 'nobody' || number === NO_STREAM || number === NO_CONSUMER) {
    return new EsperError('STREAM_NONE', `no stream keeps ${what}`, details, {
      hint: 'Call ensure first.',
    });
  }
  if (NO_SPACE.includes(number) || /maximum (bytes|messages)/.test(message)) {
    return new EsperError('STREAM_FULL', `${what} takes no more`, details, {
      retryable: true,
      hint: 'Start more consumers, or raise its limits.',
    });
  }
  if ([NAME_TAKEN, OVERLAP, ...CONSUMER_NOT_ALONE].includes(number)) return misfit(what, message);
  return new EsperError('STREAMS_UNREACHABLE', `the broker did not answer: ${message}`, details, {
    retryable: true,
    hint: 'Try again with the same id: it may have happened all the same.',
  });
}

export const misfit = (what: string, reason: string) =>
  new EsperError(
    'STREAM_MISFIT',
    `something else is there under the name or the subjects of ${what}`,
    { what, reason },
    { hint: 'Take another name, or remove the stream that is in the way.' },
  );
