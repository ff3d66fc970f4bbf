/** A NATS server that the suite may hurt: killed, frozen, started again on what it had stored. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './ground.ts';

export interface Broker {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** What it said last, when it ended without anybody's doing. */
  readonly fell: string | null;
  close(): Promise<void>;
}

/** Milliseconds a server may take until it is ready. */
const READY_MS = 10_000;
/** Characters of its last words that are kept: a fall of a Go program is long. */
const MOST_SAID = 8_192;

/** @param bin path of a nats-server @param extra lines of its configuration */
export async function openBroker(ground: Ground, bin: string, port: number, extra = ''): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'esper-broker-'));
  const config = join(folder, 'nats.conf');
  const lines = [
    `host: ${ground.serverHost}`,
    `port: ${port}`,
    `jetstream { store_dir: "${folder}/store" }`,
    extra,
  ];
  await writeFile(config, lines.join('\n'));
  let child: ChildProcess | null = null;
  let fell: string | null = null;
  const start = async () => {
    const [command = '', ...argv] = ground.at('server', [bin, '-c', config]);
    const started = spawn(command, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let said = '';
    started.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-MOST_SAID);
    });
    started.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') fell = `nats-server ended (${code ?? signal}): ${said}`;
    });
    await ready(started, () => said);
  };
  const kill = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url: `nats://${ground.serverHost}:${port}`,
    port,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    get fell() {
      return fell;
    },
    async close() {
      child?.kill('SIGCONT');
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess, said: () => string): Promise<void> {
  const up = new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', () => {
      if (said().includes('Server is ready')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}: ${said()}`)));
  });
  await Promise.race([up, sleep(READY_MS, undefined, { ref: false }).then(() => late(said()))]);
}

function late(said: string): never {
  throw new Error(`nats-server was not ready in ${READY_MS} ms: ${said}`);
}
