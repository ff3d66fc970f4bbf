/** A NATS server that the suite may hurt: killed, frozen, started again on what it had stored. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './ground.ts';
import { onSamePort, onSteadyPort } from './steady-port.ts';
import { type Watched, watched } from './watched.ts';

export interface Broker {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  /** Again on the port it had. @throws when that is taken for longer than 10 s */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** Milliseconds a server may take until it is ready. */
const READY_MS = 10_000;

/** @param bin path of a nats-server @param fell hears what it said last when it ends without anybody's doing */
export async function openBroker(ground: Ground, bin: string, fell: (told: string) => void): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'esper-broker-'));
  const config = join(folder, 'nats.conf');
  let server: Watched | null = null;
  const start = async (port: number) => {
    const lines = [
      `host: ${ground.serverHost}`,
      `port: ${port}`,
      `jetstream { store_dir: "${folder}/store" }`,
    ];
    await writeFile(config, lines.join('\n'));
    const started = watched('nats-server', ground.at('server', [bin, '-c', config]));
    server = started;
    await ready(started);
    void started.ended.then(({ fall }) => {
      if (fall !== null) fell(fall);
    });
    return port;
  };
  const tries = { start, taken: isTaken };
  const begin = () =>
    ground.serverPort === null ? onSteadyPort(tries) : onSamePort(ground.serverPort, tries);
  const remove = () => rm(folder, { recursive: true, force: true });
  const port = await begin().catch(async (error: unknown) => {
    await server?.kill();
    await remove();
    throw error;
  });
  return {
    url: `nats://${ground.serverHost}:${port}`,
    port,
    kill: async () => server?.kill(),
    start: async () => void (await onSamePort(port, tries)),
    freeze: () => server?.signal('SIGSTOP'),
    thaw: () => server?.signal('SIGCONT'),
    async close() {
      await server?.kill();
      await remove();
    },
  };
}

/** Of a nats-server that ended at once. */
const isTaken = (error: unknown) => /address already in use/.test((error as Error).message);

async function ready({ child, words, ended }: Watched): Promise<void> {
  const up = new Promise<void>((resolve) => {
    child.stderr?.on('data', () => {
      if (words.text.includes('Server is ready')) resolve();
    });
  });
  const fallen = ended.then(({ code, fall }) => {
    throw new Error(fall ?? `nats-server was killed before it was ready (${code})`);
  });
  await Promise.race([up, fallen, sleep(READY_MS, undefined, { ref: false }).then(() => late(words.text))]);
}

function late(said: string): never {
  throw new Error(`nats-server was not ready in ${READY_MS} ms: ${said}`);
}
