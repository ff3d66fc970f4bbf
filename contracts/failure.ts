/** The three kinds of no, as data: a refusal is an answer, a failure is a broken world; both travel with a code. */
import { type Static, Type } from '@sinclair/typebox';

/** "No, and why": an answer like any other. Nothing changed. */
export const Refusal = Type.Object({
  refused: Type.String({ description: 'stable code, owner first: KASMINA_SLOT_TAKEN' }),
  details: Type.Record(Type.String(), Type.Unknown()),
});
export type Refusal = Static<typeof Refusal>;

/** An error that crossed a process border: class and stack become data, the code stays. */
export const Failure = Type.Object({
  code: Type.String(),
  message: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
  retryable: Type.Boolean(),
  stack: Type.Optional(Type.String()),
});
export type Failure = Static<typeof Failure>;

/** The world broke: a coded error. `hint` tells a person what to do next. */
export class EsperError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options: { cause?: unknown; hint?: string; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EsperError';
    this.hint = options.hint ?? '';
    this.retryable = options.retryable ?? false;
  }
  readonly hint: string;
  readonly retryable: boolean;
}

/** Turns anything thrown into data that survives a border. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof EsperError) {
    const details = thrown.hint ? { ...thrown.details, hint: thrown.hint } : { ...thrown.details };
    return {
      code: thrown.code,
      message: thrown.message,
      details,
      retryable: thrown.retryable,
      ...stackOf(thrown),
    };
  }
  if (thrown instanceof Error) {
    return { code: 'UNEXPECTED', message: thrown.message, details: {}, retryable: false, ...stackOf(thrown) };
  }
  return { code: 'UNEXPECTED', message: String(thrown), details: {}, retryable: false };
}

/** The way back: a failure received becomes an error again, code and hint kept. */
export function fromFailure(failure: Failure): EsperError {
  const { hint, ...details } = failure.details as { hint?: string };
  const options =
    hint === undefined ? { retryable: failure.retryable } : { hint, retryable: failure.retryable };
  const error = new EsperError(failure.code, failure.message, details, options);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}

const stackOf = (error: Error) => (error.stack === undefined ? {} : { stack: error.stack });
