/** Bad news in three lines: code and what happened, why, what to try. A stack only for those who ask. */
import { ConfigInvalid, describe } from '../../config/problem.ts';
import { EsperError } from '../../contracts/index.ts';
import { ERROR_TABLE } from '../error-table.ts';
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
  const code = codeOf(thrown);
  return {
    apiVersion: 'esper/v1',
    kind: 'Failure',
    code: code ?? 'ESPER_INTERNAL',
    message: error.message,
    why: error.cause instanceof Error ? error.cause.message : null,
    hint: code === null ? INTERNAL_HINT : adviceFor(error, code),
    details: error instanceof EsperError ? error.details : {},
  };
}

/** What the failure itself advises, else what the table of codes does. */
function adviceFor(error: Error, code: string): string {
  const own = error instanceof EsperError ? error.hint : '';
  return own || (ERROR_TABLE.get(code)?.next ?? '');
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
