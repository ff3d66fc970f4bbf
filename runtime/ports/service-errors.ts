/** What it means when a question to a service gets no answer, in one wording. */
import { EsperError } from '../../contracts/failure.ts';

export const serviceNobody = (subject: string) =>
  new EsperError(
    'SERVICE_NOBODY',
    `nobody serves ${subject}`,
    { subject },
    { hint: 'Start a node that serves it, or check the name.' },
  );

export const serviceSilent = (subject: string, withinMs: number) =>
  new EsperError(
    'SERVICE_SILENT',
    `${subject} did not answer within ${withinMs} ms`,
    { subject, withinMs },
    { retryable: true, hint: 'Ask again; what was asked for may have been done.' },
  );

export const servicesUnreachable = (subject: string, reason: string) =>
  new EsperError(
    'SERVICES_UNREACHABLE',
    `the broker cannot be reached: ${reason}`,
    { subject, reason },
    { retryable: true, hint: 'Check that the broker runs, then ask again.' },
  );

export const serviceTooLarge = (subject: string) =>
  new EsperError(
    'SERVICE_TOO_LARGE',
    `the question to ${subject} is larger than the broker takes`,
    { subject },
    { hint: 'Ask for less at once.' },
  );

/** What a service says of a failure that is not meant for others. */
export const serviceFailed = (reason = 'the service failed') =>
  new EsperError('SERVICE_FAILED', reason, {}, { hint: 'The log of the service says why.' });
