/** Why something about a unit did not come about, in few words that begin with a code. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import { asError } from '../actor/errors.ts';

/** The refusal's code, when it was one; else the error's, else what it says. */
export function codeOf(thrown: unknown): string {
  const error = asError(thrown) as Error & { code?: string; details?: { refused?: unknown } };
  return String(error.details?.refused ?? error.code ?? error.message);
}

/** The code, and what it says where that is more. */
export function reasonOf(thrown: unknown): string {
  const error = asError(thrown);
  const refused = error instanceof EsperError && error.details.refused !== undefined;
  return refused || !(error instanceof EsperError) ? codeOf(error) : `${error.code} ${error.message}`;
}

/** Of a tree that did not start: what the first of it that failed met, and not that those around it could not start either. */
export function rootOf({ refused, details }: Refusal): string {
  let error = details.error;
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  return error instanceof Error ? reasonOf(error) : refused;
}
