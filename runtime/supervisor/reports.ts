/** What a supervisor writes into the log, always in the same words: a machine may read it, and it is never long. */
import { codeOf } from '../actor/errors.ts';
import type { StopReason } from '../actor/messages.ts';
import type { Log } from '../ports/log.ts';

/** Characters of a reason at most; the whole story is in the error that comes with it. */
const REASON_MAX = 512;

/** Where in a child's life it happened; OTP's words. */
export type Context = 'start' | 'restart' | 'start_error' | 'child_terminated' | 'shutdown';

/** A child fell, or could not start. */
export function reportCrash(
  log: Log,
  supervisor: string,
  context: Context,
  child: string,
  error: Error,
): void {
  log.write('error', 'a child crashed', {
    report: 'crash',
    supervisor,
    context,
    child,
    code: codeOf(error),
    reason: brief(error.message),
    error, // as it is: making a stack readable costs more than the restart, and only a log that prints it should pay
  });
}

/** A child is up: for the first time, or again. */
export function reportProgress(log: Log, supervisor: string, context: Context, child: string): void {
  log.write('debug', 'a child runs', {
    report: 'progress',
    supervisor,
    context,
    child,
    code: 'STARTED',
    reason: '',
  });
}

/** A supervisor ends by itself: its significant children did, or it gave up. */
export function reportShutdown(log: Log, supervisor: string, reason: StopReason): void {
  const failed = reason.kind === 'crashed';
  log.write(failed ? 'error' : 'info', 'a supervisor ends', {
    report: 'shutdown',
    supervisor,
    context: 'shutdown',
    child: null,
    code: failed ? codeOf(reason.error) : reason.kind,
    reason: brief(failed ? reason.error.message : 'why' in reason ? reason.why : ''),
  });
}

/** One line, and not a long one. */
function brief(text: string): string {
  const short = text.length > REASON_MAX ? `${text.slice(0, REASON_MAX - 1)}…` : text;
  return short.includes('\n') ? short.replaceAll(/\s*\n\s*/g, ' ') : short;
}
