/** A log that remembers its lines, so that a test can ask what operators would have read. */
import type { Log, LogLevel } from '../../ports/log.ts';

interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface MemoryLog extends Log {
  /** Oldest first; shared by every log made through `with`. */
  readonly lines: readonly LogLine[];
}

export function memoryLog(): MemoryLog {
  const lines: LogLine[] = [];
  const logWith = (carried: Readonly<Record<string, unknown>>): MemoryLog => ({
    lines,
    write: (level, text, fields = {}) => void lines.push({ level, text, fields: { ...carried, ...fields } }),
    with: (fields) => logWith({ ...carried, ...fields }),
  });
  return logWith({});
}
