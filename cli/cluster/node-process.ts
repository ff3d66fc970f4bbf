/** One node of a local cluster as a process: what it tells, line by line, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NodeNews } from '../../config/cluster/news.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** Bytes of its last words that are kept for people. */
const LAST_WORDS = 4_096;

export interface NodeProcess {
  readonly name: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended and all it said was heard. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly lastWords: string;
  }>;
}

/**
 * It is no part of this process's group, so that an interrupt at the terminal reaches it only through its parent; and it
 * ends when its parent is gone, for then nobody would.
 * @param args what follows `esper`
 */
export function startNodeProcess(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  hear: (news: NodeNews) => void,
): NodeProcess {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => {
    const news = newsIn(line);
    if (news !== null) hear(news);
  });
  const heard = new Promise<void>((resolve) => lines.once('close', () => resolve()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    name,
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    ended: ended.then(async (how) => {
      await heard;
      return { ...how, lastWords };
    }),
  };
}

/** A failure document is told on the same stream: it is not news, and the exit code says enough. */
function newsIn(line: string): NodeNews | null {
  try {
    const said = JSON.parse(line) as { kind?: string };
    return said.kind === 'NodeNews' ? (said as NodeNews) : null;
  } catch {
    return null; // a line that a kill cut in two
  }
}
