/** A NATS server of one's own: started on loopback, ready when the promise resolves, stopped by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EsperError } from '../../../contracts/failure.ts';
import { findNatsServer } from './server-binary.ts';

export { findNatsServer } from './server-binary.ts';

export interface NatsServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Where its configuration, log and streams are; made when missing. No two servers may share one. */
  readonly storeDir: string;
  /** More lines of configuration: users, TLS, limits. They are kept readable for this user only. */
  readonly configLines?: readonly string[];
  /** The program; default: what `findNatsServer` finds. */
  readonly bin?: string;
}

export interface NatsServer {
  /** `nats://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<void>;
  /** Lets it end in order; after 5 s it is killed. */
  stop(): Promise<void>;
  /** Kills it without a word, as a crash would. */
  kill9(): Promise<void>;
}

const READY_MS = 10_000;
const STOP_MS = 5_000;

/** @throws NATS_SERVER_MISSING, NATS_SERVER_RUNNING when one already works in that folder, NATS_SERVER_FAILED */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const { port = 0, storeDir, configLines = [], bin = findNatsServer(process.env) } = options;
  mkdirSync(storeDir, { recursive: true, mode: 0o700 });
  const config = join(storeDir, 'nats-server.conf');
  refuseSecond(storeDir, config);
  writeFileSync(config, configuration(storeDir, port, configLines), { mode: 0o600 });
  const child = launch(bin, config, storeDir);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const { pid } = child;
  const ready = pid === undefined ? undefined : await readiness(child, storeDir, bin, pid);
  if (pid === undefined || ready === undefined) {
    child.kill('SIGKILL');
    await exited;
    throw new EsperError(
      'NATS_SERVER_FAILED',
      'the NATS server did not start',
      { bin, log: logOf(storeDir) },
      {
        hint: `Read the end of ${logOf(storeDir)}; the port may be taken, or a line of the configuration wrong.`,
      },
    );
  }
  return {
    url: `nats://127.0.0.1:${ready}`,
    port: ready,
    pid,
    exited,
    stop: () => end(child, exited, 'SIGTERM'),
    kill9: () => end(child, exited, 'SIGKILL'),
  };
}

/** The server that NATS_URL names, which nobody here stops, or else one of one's own. */
export async function useNatsServer(
  env: Readonly<Record<string, string | undefined>>,
  options: Omit<NatsServerOptions, 'bin'>,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const url = env.NATS_URL;
  if (url !== undefined && url !== '') return { url, stop: async () => {} };
  return startNatsServer({ ...options, bin: findNatsServer(env) });
}

const logOf = (storeDir: string) => join(storeDir, 'nats-server.log');

function configuration(storeDir: string, port: number, more: readonly string[]): string {
  const quoted = (text: string) => JSON.stringify(text);
  return [
    'host: "127.0.0.1"',
    `port: ${port === 0 ? -1 : port}`,
    `ports_file_dir: ${quoted(storeDir)}`,
    `pid_file: ${quoted(join(storeDir, 'nats-server.pid'))}`,
    'jetstream {',
    `  store_dir: ${quoted(storeDir)}`,
    '}',
    ...more,
    '',
  ].join('\n');
}

/** Two servers in one folder would ruin its streams. */
function refuseSecond(storeDir: string, config: string): void {
  let pid: number;
  try {
    pid = Number(readFileSync(join(storeDir, 'nats-server.pid'), 'utf8'));
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(config)) return;
  } catch {
    return; // no server has been here, or its process is gone
  }
  throw new EsperError(
    'NATS_SERVER_RUNNING',
    `a NATS server already works in ${storeDir}`,
    { pid, storeDir },
    { hint: `Use it by setting NATS_URL, or end it first (kill ${pid}).` },
  );
}

function launch(bin: string, config: string, storeDir: string): ChildProcess {
  const log = openSync(logOf(storeDir), 'a', 0o600);
  try {
    return spawn(bin, ['-c', config], { stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

async function end(child: ChildProcess, exited: Promise<void>, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  child.kill(signal);
  if (signal === 'SIGTERM') {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  }
  await exited;
}

/** Its port once it greets clients; undefined when it ended, or did not get ready in time. */
async function readiness(
  child: ChildProcess,
  storeDir: string,
  bin: string,
  pid: number,
): Promise<number | undefined> {
  const file = join(storeDir, `${basename(bin)}_${pid}.ports`);
  const until = performance.now() + READY_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < until) {
    const port = portIn(file);
    if (port !== undefined && (await greets(port))) {
      rmSync(file, { force: true });
      return port;
    }
    await pause(5);
  }
  return undefined;
}

function portIn(file: string): number | undefined {
  try {
    const { nats } = JSON.parse(readFileSync(file, 'utf8')) as { nats?: readonly string[] };
    const port = Number(new URL(nats?.[0] ?? '').port);
    return Number.isInteger(port) && port > 0 ? port : undefined;
  } catch {
    return undefined; // not written yet, or not to its end
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (bytes) => answer(bytes.toString('latin1').startsWith('INFO ')));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
    socket.once('close', () => resolve(false));
  });
}
