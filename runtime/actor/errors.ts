/** What can go wrong between two actors, each with its code and what to do next. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';

export const gone = (path: string, why = 'nobody lives there') =>
  new EsperError(
    'ACTOR_GONE',
    `${path}: ${why}`,
    { path },
    { retryable: true, hint: 'Check the path in the supervision tree, or try again after its restart.' },
  );

export const crashed = (path: string, cause: unknown) =>
  new EsperError(
    'ACTOR_CRASHED',
    `${path} crashed: ${cause instanceof Error ? cause.message : String(cause)}`,
    { path },
    { cause, hint: 'Read the cause; its supervisor has already dealt with it.' },
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

export const refused = (path: string, refusal: Refusal) =>
  new EsperError(
    'ACTOR_REFUSED',
    `${path} refused: ${refusal.refused}`,
    { path, ...refusal },
    {
      retryable: refusal.refused === 'MAILBOX_FULL',
      hint: 'The code in details.refused says why.',
    },
  );

/** Whatever was thrown, as an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
