/** What can go wrong between two actors, each with its code and what to do next. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';

/** Refusals that pass by themselves: somebody has to catch up, nothing has to change. */
const PASSING: ReadonlySet<string> = new Set(['MAILBOX_FULL', 'REMOTE_OUTBOX_FULL']);

export const gone = (path: string, why = 'nobody lives there') =>
  new EsperError(
    'ACTOR_GONE',
    `${path}: ${why}`,
    { path },
    { retryable: true, hint: 'Check the path in the supervision tree, or try again after its restart.' },
  );

/** Without a stack of its own: its cause has the one that matters, and capturing one costs as much as the restart. */
export function crashed(path: string, cause: unknown): EsperError {
  const { stackTraceLimit } = Error;
  if (cause instanceof Error) Error.stackTraceLimit = 0;
  const error = new EsperError(
    'ACTOR_CRASHED',
    `${path} crashed: ${cause instanceof Error ? cause.message : String(cause)}`,
    { path },
    { cause, hint: 'Read the cause; its supervisor has already dealt with it.' },
  );
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

export const startedLate = (path: string, withinMs: number) =>
  new EsperError(
    'SUPERVISOR_START_TIMEOUT',
    `${path} was not ready within ${withinMs} ms`,
    { path, withinMs },
    {
      hint: 'Look at what fresh() waits for; raise startWithinMs in the child spec only if that is how long it takes.',
    },
  );

export const stalled = (path: string, withinMs: number, type: string) =>
  new EsperError(
    'ACTOR_STALLED',
    `${path} was still at ${type} after ${withinMs} ms`,
    { path, withinMs, type },
    { hint: 'Look at what that handler waits for; raise handleWithinMs only if it may take so long.' },
  );

export const noDeadline = (path: string) =>
  new EsperError(
    'ACTOR_NO_DEADLINE',
    `asking ${path} would never end: no milliseconds were given, and there are none to inherit`,
    { path },
    { hint: "withinMs: 'inherit' works while a message is handled that was asked; else give milliseconds." },
  );

export const late = (path: string, withinMs: number) =>
  new EsperError(
    'ACTOR_TIMEOUT',
    `${path} did not answer within ${withinMs} ms`,
    { path, withinMs },
    {
      retryable: true,
      hint: 'Look at its mailbox depth in the tree; raise withinMs only if it is merely busy.',
    },
  );

export const fenced = (path: string, refusal: Refusal) =>
  new EsperError(
    'DURABLE_FENCED',
    `${path}: another owner wrote its events`,
    { path, ...refusal.details },
    { hint: 'One actor for each stream: look for a second one with the same durable id.' },
  );

export const refused = (path: string, refusal: Refusal) =>
  new EsperError(
    'ACTOR_REFUSED',
    `${path} refused: ${refusal.refused}`,
    { path, ...refusal },
    {
      retryable: PASSING.has(refusal.refused),
      hint: 'The code in details.refused says why.',
    },
  );

/** Whatever was thrown, as an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

/** The code of a failure; any other error has been met by nobody who could give it one. */
export const codeOf = (error: Error): string => (error instanceof EsperError ? error.code : 'UNEXPECTED');
