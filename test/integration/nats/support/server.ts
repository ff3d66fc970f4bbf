/** NATS servers for tests: each in a folder of its own, of every program that this machine has. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLog } from '../../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../../runtime/adapters/memory/metrics.ts';
import { type NatsOptions, openNats } from '../../../../runtime/adapters/nats/index.ts';
import { packaged } from '../../../../runtime/adapters/nats/server-binary.ts';
import { nodeClock } from '../../../../runtime/node.ts';
import { reviveServer, startSteadyServer } from './steady-server.ts';

export interface Program {
  readonly version: string;
  readonly bin: string;
}

/** By version; the one of the development packages first. */
export const programs: readonly Program[] = [packaged(), '/usr/sbin/nats-server', '/usr/bin/nats-server']
  .filter((bin): bin is string => bin !== undefined && existsSync(bin))
  .map((bin) => ({ bin, version: execFileSync(bin, ['--version'], { encoding: 'utf8' }).trim() }))
  .filter(({ version }, at, all) => all.findIndex((other) => other.version === version) === at);

export const clock = nodeClock();

/** Polls instead of guessing how long something takes. Fails after `withinMs`. */
export async function until(holds: () => boolean, what: string, withinMs = 10_000): Promise<void> {
  const end = clock.nowMs() + withinMs;
  while (!holds()) {
    if (clock.nowMs() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise<void>((resolve) => void clock.after(2, resolve));
  }
}

/** For what a real server does by its own clock. */
export const pass = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

/** A server that can be killed and comes back at the same port with what it stored, and clients of it. */
export async function breakableServer(program: Program, configLines: readonly string[] = []) {
  const storeDir = mkdtempSync(join(tmpdir(), 'esper-nats-'));
  const options = { bin: program.bin, storeDir, configLines };
  let server = await startSteadyServer(options);
  const { port, url } = server;
  const links: { close(): Promise<void> }[] = [];
  return {
    url,
    storeDir,
    get server() {
      return server;
    },
    async open(name: string, options: Partial<NatsOptions> = {}) {
      const [log, metrics] = [memoryLog(), memoryMetrics()];
      const link = await openNats({ servers: url, name, clock, log, metrics, ...options });
      links.push(link);
      return { ...link, log, metrics };
    },
    kill: () => server.kill9(),
    async revive() {
      server = await reviveServer(port, options);
    },
    /** It forgets everything. */
    lose: () => rmSync(join(storeDir, 'jetstream'), { recursive: true, force: true }),
    signal: (name: NodeJS.Signals) => process.kill(server.pid, name),
    async end() {
      await Promise.all(links.map((link) => link.close()));
      await server.kill9();
      rmSync(storeDir, { recursive: true, force: true });
    },
  };
}

export type BreakableServer = Awaited<ReturnType<typeof breakableServer>>;
