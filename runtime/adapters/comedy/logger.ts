/** What comedy has to say, said through the log port. */
import type { Log, LogLevel } from '../../ports/log.ts';

/** The shape comedy expects of a logger implementation. */
export interface ComedyLogger {
  debug(...words: unknown[]): void;
  info(...words: unknown[]): void;
  warn(...words: unknown[]): void;
  error(...words: unknown[]): void;
}

export function comedyLogger(log: Log): ComedyLogger {
  const ours = log.with({ driver: 'comedy' });
  const at =
    (level: LogLevel) =>
    (...words: unknown[]) =>
      ours.write(level, words.map(String).join(' '));
  // comedy's own news is of no interest to operators until something is wrong.
  return { debug: () => {}, info: at('debug'), warn: at('warn'), error: at('error') };
}
