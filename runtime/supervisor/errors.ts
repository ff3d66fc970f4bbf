/** What a supervisor says when it cannot go on. */
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import { refuse } from '../actor/decision.ts';
import { codeOf } from '../actor/errors.ts';
import type { StopReason } from '../actor/messages.ts';
import type { Intensity } from './intensity.ts';

export const noGroup = (path: string) =>
  new EsperError(
    'ROLLBACK_NO_GROUP',
    `${path} keeps no checkpoints`,
    { path },
    { hint: "Give the supervisor onFailure: 'rollback'." },
  );

export const startFailed = (path: string, cause: Error) =>
  new EsperError(
    'SUPERVISOR_START_FAILED',
    `${path} could not start: ${cause.message}`,
    { path },
    { cause, hint: 'Read the cause; nothing of its supervisor is running.' },
  );

export const gaveUp = (path: string, child: string, { intensity, periodMs }: Intensity, reason: StopReason) =>
  new EsperError(
    'SUPERVISOR_GAVE_UP',
    `${path}: more than ${intensity} restarts in ${periodMs} ms, the last of ${child}`,
    { path, child },
    {
      cause: reason.kind === 'crashed' ? reason.error : undefined,
      hint: 'The first crash in the log is the one to read.',
    },
  );

/** A mistake in a spec, as an answer. */
export const refusalOf = ({ code, message, details }: EsperError): Refusal => ({
  refused: code,
  details: { ...details, message },
});

/** Why a child could not be started by hand; that its name is taken has a code of its own. */
export function startRefused(path: string, error: Error): Refusal {
  const code = codeOf(error);
  if (error instanceof EsperError && code === 'REGISTRY_NAME_TAKEN') return refusalOf(error);
  return refuse('SUPERVISOR_CHILD_START_FAILED', { path, reason: error.message, code, error });
}
