/** A process of the suite: whoever ends it says so before, and any other end is told with everything it said last. */
import { type ChildProcess, spawn } from 'node:child_process';
import { LastWords } from './last-words.ts';

/** How a process ended: heard to the end of its outputs, which may come after its exit. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything that there is to know, null when it was killed from here. */
  readonly fall: string | null;
}

export interface Watched {
  readonly child: ChildProcess;
  readonly words: LastWords;
  readonly runs: boolean;
  readonly ended: Promise<End>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** As a power cut would. Resolves when all that it said was heard. */
  kill(): Promise<void>;
}

/** @param heard each whole line of its output; without, nobody listens. It ends with this process at the latest. */
export function watched(name: string, argv: readonly string[], heard?: (line: string) => void): Watched {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    stdio: [heard ? 'pipe' : 'ignore', heard ? 'pipe' : 'ignore', 'pipe'],
  });
  const words = new LastWords();
  const withUs = () => void child.kill('SIGKILL');
  process.once('exit', withUs);
  let killed = false;
  child.stdin?.on('error', () => undefined); // a node that was killed reads no more
  child.stderr?.setEncoding('utf8').on('data', (text: string) => words.add(text));
  if (heard !== undefined && child.stdout !== null) readLines(child.stdout, heard);
  const ended = new Promise<End>((resolve) => {
    child.once('error', (error) => words.add(`${error.stack}\n`));
    // Not `exit`: what it said last may still be on its way then.
    child.once('close', (code, signal) => {
      process.off('exit', withUs);
      resolve({ code, signal, fall: killed && signal === 'SIGKILL' ? null : words.tell(name, code, signal) });
    });
  });
  const runs = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    child,
    words,
    ended,
    get runs() {
      return runs();
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      if (runs()) {
        killed = true;
        child.kill('SIGKILL');
      }
      await ended;
    },
  };
}

/** What a killed process began to say is no line. */
function readLines(stream: NodeJS.ReadableStream, heard: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) heard(line);
  });
}
