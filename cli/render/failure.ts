/** Bad news in three lines: code and what happened, why, what to try. A stack only for those who ask. */
import { ConfigInvalid, describe } from '../../config/problem.ts';
import { EsperError } from '../../contracts/index.ts';
import { codeOf } from '../exit-codes.ts';
import type { Style } from './style.ts';

export interface FailureDocument {
  readonly apiVersion: 'esper/v1';
  readonly kind: 'Failure';
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const INTERNAL_HINT = 'run it again with -v and report the stack: this is a mistake inside Esper';

/** The failure as data, for `--json`. */
export function failureDocument(thrown: unknown): FailureDocument {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const known = codeOf(thrown) !== null;
  return {
    apiVersion: 'esper/v1',
    kind: 'Failure',
    code: codeOf(thrown) ?? 'ESPER_INTERNAL',
    message: error.message,
    why: error.cause instanceof Error ? error.cause.message : null,
    hint: error instanceof EsperError && error.hint ? error.hint : known ? '' : INTERNAL_HINT,
    details: error instanceof EsperError ? error.details : {},
  };
}

/** The failure for people. @param verbose adds the stack */
export function failureText(thrown: unknown, paint: Style, verbose: boolean): string {
  const { code, message, why, hint } = failureDocument(thrown);
  const lines =
    thrown instanceof ConfigInvalid
      ? thrown.problems.map(describe)
      : [`${paint.red(paint.bold(code))} ${message}`];
  if (why !== null && !message.includes(why)) lines.push(`  ${why}`);
  if (hint) lines.push(`${paint.dim('try:')} ${hint}`);
  if (verbose && thrown instanceof Error && thrown.stack) lines.push(paint.dim(thrown.stack));
  return `${lines.join('\n')}\n`;
}
