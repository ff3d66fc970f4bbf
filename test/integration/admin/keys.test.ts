/** Keys as they are made: a real server that uses them lets in who should come in, and shows nobody the post of another. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect as connectRaw } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { promisify } from 'node:util';
import { connect, type NatsConnection, nkeyAuthenticator } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFiles } from '../../../config/keys/key-files.ts';
import { KEY_PATHS } from '../../../config/keys/paths.ts';
import { secretText } from '../../../config/keys/read-keys.ts';
import { rotate } from '../../../config/keys/rotate.ts';
import { writeKeys } from '../../../config/keys/write-keys.ts';
import { findNatsServer, startNatsServer } from '../../../runtime/adapters/nats/index.ts';
import { linkAs, type SecureServer, secureServer } from './support.ts';

const text = (words: string) => new TextEncoder().encode(words);
const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('a server with keys of its own', () => {
  let server: SecureServer;
  const open: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    server = await secureServer();
  });
  afterAll(async () => {
    for (const link of open) await link.close();
    await server.stop();
  });
  const come = async (...as: Parameters<typeof linkAs> extends [unknown, ...infer Rest] ? Rest : never) => {
    const link = await linkAs(server, ...as);
    open.push(link);
    return link;
  };
  /** A bare client, so that it can ask for what ours never would. */
  const bare = async (user: string): Promise<NatsConnection> => {
    const at = (path: string) => join(server.folder, path);
    const nc = await connect({
      servers: server.url.replace('tls://', ''),
      name: user,
      inboxPrefix: `_INBOX_esper_${user}`,
      authenticator: nkeyAuthenticator(text(await secretText(at(KEY_PATHS.seed(user))))),
      tls: {
        caFile: at(KEY_PATHS.ca),
        certFile: at(KEY_PATHS.cert(user)),
        keyFile: at(KEY_PATHS.certKey(user)),
      },
    });
    open.push(nc);
    return nc;
  };
  const denied = async (nc: NatsConnection, subject: string): Promise<boolean> =>
    new Promise((resolve) => {
      nc.subscribe(subject, { callback: (error) => resolve(error !== null) });
      // the server complains before it answers what came later
      void nc
        .flush()
        .then(() => nc.flush())
        .then(() => resolve(false));
    });

  /** What comes of a handshake at most this new: the version agreed on, or what was complained of. */
  const handshake = (at: (path: string) => string, maxVersion: SecureVersion): Promise<string> =>
    new Promise((resolve) => {
      const raw = connectRaw({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
      raw.once('data', () => {
        const secure = connectTls({
          ...{ socket: raw, host: '127.0.0.1', maxVersion, ca: readFileSync(at(KEY_PATHS.ca)) },
          ...{ cert: readFileSync(at(KEY_PATHS.cert('n1'))), key: readFileSync(at(KEY_PATHS.certKey('n1'))) },
        });
        const end = (text: string) => {
          secure.destroy();
          resolve(text);
        };
        secure.once('secureConnect', () => end(secure.getProtocol() ?? ''));
        secure.once('error', (error) => end(error.message));
      });
    });

  it('lets a node keep leases and streams, serve and ask', async () => {
    const [n1, n2] = [await come('n1'), await come('n2')];
    const heard = new Promise<string>((resolve) =>
      n2.transport.subscribe('esper.to.n2', (bytes) => resolve(words(bytes))),
    );
    const revision = await n1.leases.put('esper.unit.karn', text('n1'), 0);
    await n2.services.serve({
      ...{ name: 'echo', version: '1.0.0', description: 'says it again' },
      endpoints: [{ name: 'say', subject: 'esper.echo', handle: async ({ bytes }) => bytes }],
    });
    n1.transport.publish('esper.to.n2', text('hello'));

    expect(words((await n2.leases.get('esper.unit.karn'))?.value ?? text(''))).toBe('n1');
    expect(await n2.leases.put('esper.unit.karn', text('n2'), 0)).toBeUndefined();
    expect(await n2.leases.put('esper.unit.karn', text('n2'), revision ?? -1)).toBeGreaterThan(0);
    expect(await heard).toBe('hello');
    expect(words(await n1.services.ask('esper.echo', text('say'), { withinMs: 5_000 }))).toBe('say');
    await n1.streams.ensure({ name: 'ESPER_JOBS', subjects: ['esper.bus.p0.>'], keeps: 'work' });
    expect(await n1.streams.publish('esper.bus.p0.x', text('job'), { id: 'job-1' })).toMatchObject({
      duplicate: false,
    });
    const got = new Promise<string>((resolve) => {
      const spec = { durable: 'worker', filter: 'esper.bus.p0.>', settleMs: 5_000, atOnce: 4 };
      void n2.streams.consume('ESPER_JOBS', spec, (delivery) => {
        delivery.done();
        resolve(words(delivery.bytes));
      });
    });
    expect(await got).toBe('job');
    const store = {
      name: 'ESPER_ARTIFACTS',
      subjects: ['esper.artifact.>'],
      keeps: 'log',
      perSubject: 1,
    } as const;
    await n2.streams.ensure(store);
    await n2.streams.publish('esper.artifact.a.0', text('piece'), { id: 'piece-1' });
    const newest = await n1.streams.newest('ESPER_ARTIFACTS', 'esper.artifact.a.0');
    expect(words(newest?.bytes ?? text(''))).toBe('piece');
    expect(await n1.streams.count('ESPER_ARTIFACTS', { filter: 'esper.artifact.>', from: 1 })).toBe(1);
    expect((await n1.streams.backlog('ESPER_JOBS')).consumers).toMatchObject([
      { durable: 'worker', unread: 0 },
    ]);
  });

  it('shows nobody what another is answered', async () => {
    for (const user of ['n2', 'role-viewer', 'role-admin']) {
      const nc = await bare(user);
      expect(await denied(nc, '_INBOX_esper_n1.>')).toBe(true);
      expect(await denied(nc, '_INBOX.>')).toBe(true);
      expect(await denied(nc, '>')).toBe(true);
      expect(await denied(nc, `_INBOX_esper_${user}.mine`)).toBe(false);
    }
  });

  it('lets a viewer ask for what viewers may, and nothing else', async () => {
    const n1 = await come('n1');
    const heard: string[] = [];
    for (const verb of ['status', 'actors-stop'])
      await n1.services.serve({
        ...{ name: `v-${verb}`, version: '1.0.0', description: 'notes what it is asked' },
        endpoints: [
          {
            name: verb,
            subject: `esper.admin.v1.${verb}`,
            handle: async ({ bytes }) => {
              heard.push(verb);
              return bytes;
            },
          },
        ],
      });
    const [viewer, operator] = [await come('role-viewer'), await come('role-operator')];
    const ask = (link: typeof viewer, subject: string) =>
      link.services.ask(subject, text('x'), { withinMs: 10_000 });

    expect(words(await ask(viewer, 'esper.admin.v1.status'))).toBe('x');
    await expect(ask(viewer, 'esper.admin.v1.actors-stop')).rejects.toMatchObject({ code: 'NATS_DENIED' });
    expect(words(await ask(operator, 'esper.admin.v1.actors-stop'))).toBe('x');
    await expect(ask(operator, 'esper.to.n1')).rejects.toMatchObject({ code: 'NATS_DENIED' });
    await expect(viewer.leases.get('esper.unit.karn')).rejects.toThrow();
    expect(heard).toEqual(['status', 'actors-stop']);
  });

  it('refuses a client without a certificate, and one of another authority', async () => {
    await expect(linkAs(server, 'n1', { cert: null })).rejects.toMatchObject({
      code: expect.stringMatching(/^NATS_/),
    });
    const other = await secureServer();
    try {
      const mixed = { folder: other.folder, url: server.url, stop: async () => {} };
      await expect(linkAs(mixed, 'n1', { ca: join(server.folder, KEY_PATHS.ca) })).rejects.toMatchObject({
        code: expect.stringMatching(/^NATS_/),
      });
      await expect(linkAs(mixed, 'n1')).rejects.toMatchObject({ code: 'NATS_TLS_REFUSED' });
    } finally {
      await other.stop();
    }
  });

  it('refuses a user without a key, and speaks nothing but TLS 1.3', async () => {
    const at = (path: string) => join(server.folder, path);
    const tls = {
      caFile: at(KEY_PATHS.ca),
      certFile: at(KEY_PATHS.cert('n1')),
      keyFile: at(KEY_PATHS.certKey('n1')),
    };
    const servers = server.url.replace('tls://', '');

    await expect(connect({ servers, tls, reconnect: false })).rejects.toThrow(/Authorization/i);
    await expect(connect({ servers, reconnect: false })).rejects.toThrow();
    expect(await handshake(at, 'TLSv1.3')).toBe('TLSv1.3');
    expect(await handshake(at, 'TLSv1.2')).toMatch(/alert|version/i);
  });

  it('lets in old and new keys of whoever got new ones, and the old ones no more once their time is over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'esper-turned-'));
    const plan = { folder, cluster: 'esper', nodes: ['n1'], hosts: [], roles: ['viewer'] as const };
    await writeKeys(folder, await keyFiles({ ...plan, nowMs: Date.now() }), false);
    const seed = () => readFileSync(join(folder, KEY_PATHS.seed('n1')), 'utf8').trim();
    const before = seed();
    const turn = { folder, overlapMs: 60_000 };
    await rotate({ ...turn, owner: { node: 'n1' }, nowMs: Date.now() });
    const comesIn = async (as: string, lines: readonly string[]) => {
      const own = await startNatsServer({ storeDir: join(folder, 'server'), configLines: lines });
      try {
        const at = (path: string) => join(folder, path);
        const nc = await connect({
          ...{ servers: own.url.replace('nats://', ''), reconnect: false },
          authenticator: nkeyAuthenticator(text(as)),
          tls: {
            ...{ caFile: at(KEY_PATHS.ca), certFile: at(KEY_PATHS.cert('n1')) },
            keyFile: at(KEY_PATHS.certKey('n1')),
          },
        });
        await nc.close();
        return true;
      } catch {
        return false;
      } finally {
        await own.stop();
      }
    };
    const lines = () => {
      const config = readFileSync(join(folder, KEY_PATHS.serverConfig), 'utf8');
      return config.slice(config.indexOf('tls {')).trimEnd().split('\n');
    };
    try {
      expect(before).not.toBe(seed());
      expect(await comesIn(before, lines())).toBe(true);
      expect(await comesIn(seed(), lines())).toBe(true);
      await rotate({ ...turn, owner: null, nowMs: Date.now() + 61_000 });
      expect(await comesIn(before, lines())).toBe(false);
      expect(await comesIn(seed(), lines())).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is configured by a file that the server itself finds valid', async () => {
    const { stderr, stdout } = await promisify(execFile)(findNatsServer(process.env), [
      '-t',
      '-c',
      join(server.folder, KEY_PATHS.serverConfig),
    ]);
    expect(stderr + stdout).toMatch(/valid/);
  });
});

describe('the files of keys', () => {
  it('are readable by their owner alone, and never replaced by accident', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'esper-keys-'));
    try {
      const plan = {
        folder,
        cluster: 'esper',
        nodes: ['n1'],
        hosts: ['h.example'],
        roles: ['viewer'] as const,
      };
      const files = await keyFiles({ ...plan, nowMs: Date.now() });
      await writeKeys(folder, files, false);
      const before = readFileSync(join(folder, KEY_PATHS.secret), 'utf8');

      for (const { path, secret } of files)
        expect(statSync(join(folder, path)).mode & 0o077, path).toBe(
          secret ? 0 : statSync(join(folder, path)).mode & 0o077,
        );
      for (const sub of ['admin', 'audit', 'nats', 'tls'])
        expect(statSync(join(folder, sub)).mode & 0o077).toBe(0);
      expect(
        files
          .filter(({ secret }) => !secret)
          .map(({ path }) => path)
          .sort(),
      ).toEqual(['admin-keys.json', 'tls/ca.pem', 'tls/n1.pem', 'tls/role-viewer.pem', 'tls/server.pem']);
      await expect(writeKeys(folder, files, false)).rejects.toMatchObject({ code: 'KEYS_EXIST' });
      expect(readFileSync(join(folder, KEY_PATHS.secret), 'utf8')).toBe(before);
      await writeKeys(folder, await keyFiles({ ...plan, nowMs: Date.now() }), true);
      expect(readFileSync(join(folder, KEY_PATHS.secret), 'utf8')).not.toBe(before);
      expect(readdirSync(folder)).toContain('nats-server.conf');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
