/** Lines of JSON for operators, written beside the work and not in its way, with secrets struck out. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Logger, pino as Pino } from 'pino';
import type { Log, LogLevel } from '../../ports/log.ts';

export interface PinoLog extends Log {
  /** Resolves when every line so far has been handed to the system. */
  flush(): Promise<void>;
  /** Least level written, by this log and by all that came of it; counts at once. */
  level: LogLevel;
}

export interface PinoOptions {
  /** Least level written. */
  readonly level?: LogLevel;
  /** Path of a file, or 2 for standard error, where logs stay out of the way of results. */
  readonly to?: string | 2;
}

const SECRET =
  /pass(word|phrase)?$|token$|secret|authori[sz]ation|api-?_?key|credential|cookie|private-?_?key/i;
/** `//user:password@` inside an address. */
const CREDENTIALS = /\/\/[^/\s:@]*:[^/\s@]*@/g;
const STRUCK = '[redacted]';
/** Deeper than this a log line is a dump. */
const DEPTH = 6;

const require = createRequire(import.meta.url);

/**
 * Pino is loaded for the first line: most threads never have one to write. The file is there from the beginning.
 * @param options level `info`, standard error unless said
 */
export function pinoLog({ level = 'info', to = 2 }: PinoOptions = {}): PinoLog {
  if (to !== 2) touch(to);
  let begun: Begun | null = null;
  const logger = () => {
    begun ??= begin(to);
    return begun.logger;
  };
  return wrap(logger, { level }, async () => begun?.flush());
}

/** What writes, once there is something to write. */
interface Begun {
  readonly logger: Logger;
  flush(): Promise<void>;
}

function begin(to: string | 2): Begun {
  const { pino } = require('pino') as { pino: typeof Pino };
  const destination = pino.destination({ dest: to, sync: false, minLength: 1 });
  const opened = new Promise((resolve) => destination.once('ready', resolve));
  const flush = () =>
    new Promise<void>((resolve, reject) => destination.flush((error) => (error ? reject(error) : resolve())));
  return {
    // Every level gets this far: a child of a logger would not hear of a level that is set later.
    logger: pino({ level: 'debug', base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination),
    flush: () => opened.then(flush),
  };
}

function touch(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a'));
}

interface Least {
  level: LogLevel;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

function wrap(logger: () => Logger, least: Least, flush: () => Promise<void>): PinoLog {
  return {
    write(level, text, fields = {}) {
      if (RANK[level] >= RANK[least.level]) logger()[level](redact(fields), text);
    },
    with(fields) {
      const named = redact(fields);
      let child: Logger | null = null;
      const own = () => {
        child ??= logger().child(named);
        return child;
      };
      return wrap(own, least, flush);
    },
    flush,
    get level() {
      return least.level;
    },
    set level(level) {
      least.level = level;
    },
  };
}

/** A copy in which the value of every key that names a secret is struck out, however deep, and errors keep their code. */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, clean(key, value, DEPTH)]));
}

function clean(key: string, value: unknown, depth: number): unknown {
  if (SECRET.test(key)) return STRUCK;
  if (typeof value === 'string') return value.replace(CREDENTIALS, `//${STRUCK}@`);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((one) => clean('', one, depth - 1));
  const source = value instanceof Error ? plain(value) : value;
  return Object.fromEntries(
    Object.entries(source).map(([name, inner]) => [name, clean(name, inner, depth - 1)]),
  );
}

/** Message and stack of an error are not enumerable; a log without them is no help. */
function plain(error: Error): Record<string, unknown> {
  const { name, message, stack } = error;
  return { name, message, stack, ...(error as object) };
}
