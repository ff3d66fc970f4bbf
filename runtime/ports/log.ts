/** Structured words for operators. The core logs through this; what prints it is an adapter's business. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Log {
  /** @param fields codes, ids and numbers; never a secret, never only prose */
  write(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The same log with fields that every line will carry. */
  with(fields: Readonly<Record<string, unknown>>): Log;
}
