/** How a command can fail, said so that the caller knows what to do next and a stranger learns nothing. */
import { type AdminVerb, EsperError } from '../../contracts/index.ts';
import { untouched } from './untouched.ts';

/** One sentence for every reason: what exactly was wrong stands in the audit. */
export const refusedCommand = (request: string): EsperError =>
  new EsperError(
    'ADMIN_DENIED',
    `the command was refused (${request})`,
    { request },
    { hint: 'an auditor finds the reason under this request: esper admin audit tail' },
  );

export const unsupported = (verb: AdminVerb, why: string): EsperError =>
  untouched(new EsperError('ADMIN_UNSUPPORTED', `${verb} cannot be carried out: ${why}`, { verb, why }));

export const badArgs = (verb: AdminVerb, path: string, problem: string): EsperError =>
  new EsperError(
    'ADMIN_ARGS_INVALID',
    `${verb} at ${path || '/'}: ${problem}`,
    { verb, path },
    { hint: 'the service lists the schema of every command: esper admin verbs' },
  );

export const staleEpoch = (expected: number, actual: number | null): EsperError =>
  untouched(
    new EsperError(
      'ADMIN_EPOCH_STALE',
      actual === null
        ? `expected epoch ${expected}, and there is none`
        : `expected epoch ${expected}, it is ${actual}`,
      { expected, actual },
      { hint: 'look again, then decide again: somebody else was faster' },
    ),
  );

export const keyConflict = (): EsperError =>
  new EsperError(
    'ADMIN_KEY_CONFLICT',
    'this idempotency key was given with another command',
    {},
    { hint: 'give each command a key of its own' },
  );

export const stillOpen = (): EsperError =>
  new EsperError(
    'ADMIN_KEY_BUSY',
    'the command with this idempotency key has begun and is not known to have ended',
    {},
    { hint: 'look at what it was to change before you give it again with another key', retryable: true },
  );

export const tooBusy = (what: string): EsperError =>
  new EsperError('ADMIN_BUSY', `too many commands at once: ${what}`, { what }, { retryable: true });
