/** What every stream store says when it says no, in one wording. */
import { EsperError } from '../../contracts/failure.ts';

/** @param what the stream or subject it was about; @param reason of the store */
export const streamsUnreachable = (what: string, reason: string) =>
  new EsperError(
    'STREAMS_UNREACHABLE',
    `the stream store did not answer: ${reason}`,
    { what, reason },
    { retryable: true, hint: 'Try again with the same id: it may have happened all the same.' },
  );

export const streamNone = (what: string) =>
  new EsperError('STREAM_NONE', `no stream keeps ${what}`, { what }, { hint: 'Call ensure first.' });

export const streamFull = (what: string, reason: string) =>
  new EsperError(
    'STREAM_FULL',
    `${what} takes no more`,
    { what, reason },
    { retryable: true, hint: 'Start more consumers, or raise its limits.' },
  );

export const streamTooLarge = (what: string) =>
  new EsperError(
    'STREAM_TOO_LARGE',
    `the message to ${what} is larger than the broker takes`,
    { what },
    { hint: 'Store the bulk elsewhere and send its name.' },
  );

export const streamMisfit = (what: string, reason: string) =>
  new EsperError(
    'STREAM_MISFIT',
    `something else is there under the name or the subjects of ${what}`,
    { what, reason },
    { hint: 'Take another name, or remove the stream that is in the way.' },
  );
