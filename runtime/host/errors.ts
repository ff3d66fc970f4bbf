/** The ways talking to a host goes wrong, each with what to do next. */
import { EsperError, type Failure, fromFailure } from '../../contracts/failure.ts';

/** @param failure what ended the thread, when it did not end in order */
export function hostGone(host: string, failure?: Failure): EsperError {
  const because = failure ? `: ${failure.message}` : '';
  return new EsperError(
    'HOST_GONE',
    `host ${host} is gone${because}`,
    { host, ...(failure ? { because: failure.code } : {}) },
    {
      hint: 'start the host again; what was asked may or may not have been done',
      retryable: true,
      ...(failure ? { cause: fromFailure(failure) } : {}),
    },
  );
}

export function hostTimedOut(host: string, topic: string, withinMs: number): EsperError {
  const hint =
    'look at the load of the host; the work may still be done later, only its answer is not awaited';
  const text = `${host} did not answer ${topic} within ${withinMs} ms`;
  return new EsperError('HOST_TIMED_OUT', text, { host, topic, withinMs }, { hint, retryable: true });
}

export function hostNoHandler(host: string, topic: string): EsperError {
  const hint = 'both sides must come from the same version; handlers are set before `ready`';
  return new EsperError('HOST_NO_HANDLER', `nobody at ${host} handles ${topic}`, { host, topic }, { hint });
}

export function hostUnsendable(host: string, topic: string, cause: unknown): EsperError {
  const hint = 'send plain data: functions and class instances do not cross a thread';
  const text = `the body of ${topic} cannot be copied`;
  return new EsperError('HOST_UNSENDABLE', text, { host, topic }, { hint, cause });
}

/** Busy is not dead, but an event loop that stands still for this long does nobody any good. */
export const hostStalled = (host: string, stalledMs: number) =>
  new EsperError(
    'HOST_STALLED',
    `${host} has not turned its event loop for ${Math.round(stalledMs)} ms`,
    { host, stalledMs },
    { retryable: true },
  );
