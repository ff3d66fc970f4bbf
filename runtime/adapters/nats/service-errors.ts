/** Errors of services on their way: a number and a sentence for stock clients, the whole failure for our own. */
import { Value } from '@sinclair/typebox/value';
import { EsperError, Failure, fromFailure, toFailure } from '../../../contracts/failure.ts';
import { serviceFailed } from '../../ports/service-errors.ts';

export const ERROR_HEADER = 'Nats-Service-Error';
export const CODE_HEADER = 'Nats-Service-Error-Code';

/** Longest sentence in a header. */
const SENTENCE = 300;

export interface ErrorAnswer {
  /** As in HTTP. */
  readonly status: number;
  readonly sentence: string;
  /** The failure as JSON, without its stack. */
  readonly body: Uint8Array;
}

/** An EsperError keeps code, message and details; of anything else only that it happened. */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  const error = thrown instanceof EsperError ? thrown : serviceFailed();
  const { stack: _kept, ...failure } = toFailure(error);
  return {
    status: statusOf(error),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these would end or forge a header
    sentence: `${error.code}: ${error.message}`.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, SENTENCE),
    body: new TextEncoder().encode(JSON.stringify(failure)),
  };
}

/** The way back. What is no failure of ours becomes SERVICE_FAILED with the service's own words. */
export function answeredError(status: string, sentence: string, body: Uint8Array): EsperError {
  const failure = parsed(body);
  if (Value.Check(Failure, failure)) return fromFailure(failure);
  return serviceFailed(`the service answered ${status || 'an error'}: ${sentence}`);
}

function statusOf({ code, retryable }: EsperError): number {
  if (/_(INVALID|MALFORMED|MISFIT|FORBIDDEN_KEY|TOO_LARGE|UNSUPPORTED)$/.test(code)) return 400;
  if (/_(DENIED|FORBIDDEN|UNAUTHORIZED|UNSIGNED|EXPIRED)$/.test(code)) return 403;
  if (/_(NONE|NOT_FOUND|GONE|NOBODY)$|_UNKNOWN(_|$)/.test(code)) return 404;
  if (/_(TAKEN|CONFLICT|REPLAYED|REPLAY|DUPLICATE|REFUSED|STALE|EXISTS|TWICE)$/.test(code)) return 409;
  return retryable ? 503 : 500;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
