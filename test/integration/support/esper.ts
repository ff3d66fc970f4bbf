/** The built `esper` as a process: what it says, line by line, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';

/** A line of `--json`: telemetry has a `type`, documents have a `kind`. */
export interface Said {
  readonly type?: string;
  readonly kind?: string;
  readonly [field: string]: unknown;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Every line of stdout as JSON; reading it fails when one is not. */
  readonly said: readonly Said[];
}

export interface Running {
  /** Resolves with the first line, past or to come, that is meant. @throws when the process ends without it */
  hears(meant: (line: Said) => boolean): Promise<Said>;
  /** Resolves when stderr holds the text. @throws when the process ends without it */
  warns(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** Node arguments before the program, and what to add to a bare environment. */
export interface Circumstances {
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds that whole runs may take on a machine that has other things to do. */
export const PATIENCE_MS = 240_000;

const alive = new Set<ChildProcess>();
const folders: string[] = [];

/** Registers the clean-up of whatever a test file started or made. Call once in a file. */
export function cleanUpAfterwards(): void {
  afterAll(() => {
    for (const child of alive) child.kill('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
}

/** A folder of its own for a test file, removed when it is through. */
export function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `esper-${name}-`));
  folders.push(folder);
  return folder;
}

/** Starts `esper` with `home` as its home and nothing of the caller's environment. */
export function start(
  home: string,
  args: readonly string[],
  { node = [], env = {} }: Circumstances = {},
): Running {
  const child = spawn(process.execPath, [...node, 'dist/cli/main.js', ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: home, ESPER_HOME: join(home, 'esper'), ...env },
  });
  alive.add(child);
  return listen(child);
}

/** Runs `esper` to its end. */
export const esper = (home: string, args: readonly string[], circumstances?: Circumstances): Promise<Ended> =>
  start(home, args, circumstances).ended;

/** Runs `esper ... --json`, expects it to do well, and gives its one document. */
export async function document<T = Said>(home: string, args: readonly string[]): Promise<T> {
  const { code, out, err } = await esper(home, [...args, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

const jsonLines = (text: string): Said[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Said);

function listen(child: ReturnType<typeof spawn>): Running {
  let [out, err, whole] = ['', '', 0];
  const lines: Said[] = [];
  const looking = new Set<() => void>();
  const look = () => {
    for (const again of looking) again();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const end = out.lastIndexOf('\n') + 1;
    if (out.startsWith('{')) lines.push(...tolerant(out.slice(whole, end)));
    whole = end;
    look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    look();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      alive.delete(child);
      resolve({
        code,
        signal,
        out,
        err,
        get said() {
          return jsonLines(out);
        },
      });
    });
  });
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const again = () => {
        const found = find();
        if (found === undefined) return;
        looking.delete(again);
        resolve(found);
      };
      looking.add(again);
      void ended.then(({ code }) => reject(new Error(`it ended with ${code} before ${what}: ${err}`)));
      again();
    });
  return {
    hears: (meant) => until(() => lines.find(meant), 'it said what was waited for'),
    warns: async (text) => void (await until(() => err.includes(text) || undefined, `"${text}"`)),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Documents of other commands take many lines; only streams are read line by line. */
function tolerant(text: string): Said[] {
  try {
    return jsonLines(text);
  } catch {
    return [];
  }
}
