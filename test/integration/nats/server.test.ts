import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import {
  findNatsServer,
  openNats,
  startNatsServer,
  useNatsServer,
} from '../../../runtime/adapters/nats/index.ts';
import { clock, programs } from './support/server.ts';

const open = (servers: string) =>
  openNats({ servers, name: 'one', clock, log: memoryLog(), metrics: memoryMetrics() });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-nats-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('finding the program', () => {
  const program = (name: string) => {
    const path = join(folder, name);
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    return path;
  };

  it('takes what is named first, then what is on PATH', () => {
    const [named, onPath] = [program('mine'), program('nats-server')];
    expect(findNatsServer({ NATS_SERVER_BIN: named, PATH: folder })).toBe(named);
    expect(findNatsServer({ PATH: `/nowhere:${folder}` })).toBe(onPath);
  });

  it('says so when what is named is no program', () => {
    const named = () => findNatsServer({ NATS_SERVER_BIN: join(folder, 'none'), PATH: folder });
    expect(named).toThrow(expect.objectContaining({ code: 'NATS_SERVER_MISSING' }));
  });
});

describe('reaching a server', () => {
  it('says in words what is wrong with an address', async () => {
    await expect(open('http://127.0.0.1')).rejects.toMatchObject({ code: 'NATS_URL_INVALID' });
    await expect(open('nats://')).rejects.toMatchObject({ code: 'NATS_URL_INVALID' });
    await expect(open('nats://u:100%@127.0.0.1:1')).rejects.toMatchObject({ code: 'NATS_URL_INVALID' });
    const nobody = await open('nats://u:swordfish@127.0.0.1:1').catch((thrown: unknown) => thrown);
    expect(nobody).toMatchObject({ code: 'NATS_UNREACHABLE', retryable: true });
    expect(String(nobody) + JSON.stringify(nobody)).not.toContain('swordfish');
  });

  it('quotes no nkey seed that it cannot read', async () => {
    const options = {
      servers: '127.0.0.1:1',
      name: 'one',
      clock,
      log: memoryLog(),
      metrics: memoryMetrics(),
    };
    const bad = await openNats({ ...options, auth: { seed: 'SUSWORDFISH' } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(bad).toMatchObject({ code: 'NATS_OPTIONS_INVALID' });
    expect(String(bad) + JSON.stringify(bad)).not.toContain('SUSWORDFISH');
  });
});

describe.each(programs)('a server of one’s own, $version', ({ bin }) => {
  it('listens on loopback alone, keeps its configuration to this user, and ends in order', async () => {
    const server = await startNatsServer({ bin, storeDir: folder });
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    expect(statSync(join(folder, 'nats-server.conf')).mode & 0o077).toBe(0);
    const link = await open(server.url);
    expect(Number.parseFloat(link.serverVersion)).toBeGreaterThanOrEqual(2);
    await link.close();
    await link.close();
    await server.stop();
    await expect(open(server.url)).rejects.toMatchObject({ code: 'NATS_UNREACHABLE' });
  });

  it('refuses a second one in the same folder, and takes the place of one that was killed', async () => {
    const first = await startNatsServer({ bin, storeDir: folder });
    const second = startNatsServer({ bin, storeDir: folder });
    await expect(second).rejects.toMatchObject({ code: 'NATS_SERVER_RUNNING', details: { pid: first.pid } });
    await first.kill9();
    const third = await startNatsServer({ bin, storeDir: folder });
    await third.stop();
  });

  it('points to its log when it cannot start', async () => {
    const failed = startNatsServer({ bin, storeDir: folder, configLines: ['no_such_line: 1'] });
    await expect(failed).rejects.toMatchObject({ code: 'NATS_SERVER_FAILED' });
    expect(readFileSync(join(folder, 'nats-server.log'), 'utf8')).toContain('no_such_line');
  });

  it('starts none when one is named', async () => {
    const used = await useNatsServer({ NATS_URL: 'nats://elsewhere:4222' }, { storeDir: folder });
    expect(used.url).toBe('nats://elsewhere:4222');
    await used.stop();
    const own = await useNatsServer({ NATS_SERVER_BIN: bin }, { storeDir: folder });
    await (await open(own.url)).close();
    await own.stop();
  });

  it('refuses a server that keeps no streams', async () => {
    const server = await startNatsServer({ bin, storeDir: folder, configLines: ['jetstream: disabled'] });
    await expect(open(server.url)).rejects.toMatchObject({ code: 'NATS_NO_JETSTREAM' });
    await server.stop();
  });
});
