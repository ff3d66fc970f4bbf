/** The admin service on a real server: found by a bare client, used by the command line, not fooled by a second node or a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection, RequestStrategy } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../actors/admin/actor.ts';
import type { AdminTargets } from '../../../actors/admin/targets.ts';
import { seated } from '../../../actors/tree.ts';
import { signedRequest } from '../../../cli/admin/client.ts';
import { nodeWorld } from '../../../cli/node-world.ts';
import { main } from '../../../cli/program.ts';
import { keyFiles } from '../../../config/keys/key-files.ts';
import { KEY_PATHS } from '../../../config/keys/paths.ts';
import { readAdminKeys, readSigningKey } from '../../../config/keys/read-keys.ts';
import { writeKeys } from '../../../config/keys/write-keys.ts';
import { ADMIN_ROLES, type AdminVerb, randomStream } from '../../../contracts/index.ts';
import { tokenSigner, tokenVerifier } from '../../../runtime/adapters/jose/tokens.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import {
  type NatsLink,
  type NatsServer,
  openNats,
  startNatsServer,
} from '../../../runtime/adapters/nats/index.ts';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';
import { nodeDisk } from '../../../runtime/adapters/node/disk.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { nodeIds } from '../../../runtime/adapters/node/ids.ts';
import { type ActorSystem, startSystem, supervisor } from '../../../runtime/index.ts';

const none = () => Promise.reject(new Error('nothing is trained here'));
const text = (words: string) => new TextEncoder().encode(words);

describe('the admin service of two nodes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'esper-admin-'));
  const keys = join(folder, 'keys');
  const deeds: string[] = [];
  let server: NatsServer;
  let bare: NatsConnection;
  let n1: Node;
  let n2: Node;
  beforeAll(async () => {
    server = await startNatsServer({ storeDir: join(folder, 'server') });
    const plan = { folder: keys, cluster: 'esper', nodes: ['n1', 'n2'], hosts: [], roles: ADMIN_ROLES };
    await writeKeys(keys, await keyFiles({ ...plan, nowMs: Date.now() }), false);
    [n1, n2] = [await begin('n1'), await begin('n2')];
    bare = await connect({ servers: server.url });
  });
  afterAll(async () => {
    await bare.close();
    await n1.end();
    await n2.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Node {
    readonly system: ActorSystem;
    readonly link: NatsLink;
    end(): Promise<void>;
  }

  async function begin(name: string): Promise<Node> {
    const [clock, ids, log, metrics] = [nodeClock(), nodeIds(), memoryLog(), memoryMetrics()];
    const link = await openNats({ servers: server.url, name, clock, log, metrics });
    const set = await readAdminKeys(join(keys, KEY_PATHS.adminKeys));
    const targets: AdminTargets = {
      handlers: {
        status: async () => ({
          ...{ cluster: 'esper', steward: name, stewardEpoch: 1, nodesUp: 2, nodesAway: 0, unitsPlaced: 1 },
          ...{ unitsWaiting: 0, deadLetters: 0, runs: [], warnings: ['\u001b[2Jn2 is slow'] },
        }),
        'actors-restart': async ({ unit }) => {
          deeds.push(unit);
          return { done: `restarting ${unit}`, details: {} };
        },
      },
      whyNot: () => 'nothing trains on this cluster',
      epochOf: async () => 4,
    };
    const shared = { clock, hasher: nodeHasher(), node: name };
    const args = {
      service: {
        ...shared,
        ...{
          services: link.services,
          leases: link.leases,
          cluster: 'esper',
          version: '1.0.0',
          ids,
          log,
          metrics,
        },
        ...{ keys: set, tokens: tokenVerifier(set.keys), targets },
      },
      audit: {
        ...shared,
        disk: nodeDisk(),
        folder: join(folder, `audit-${name}`),
        signer: tokenSigner(await readSigningKey(join(keys, KEY_PATHS.auditKey(name)))),
        tokens: tokenVerifier(set.auditKeys),
      },
    };
    const system = await startSystem(
      supervisor('esper', { strategy: 'one_for_one', intensity: 3, periodMs: 60_000 }, [
        seated([admin, args]),
      ]),
      { clock, ids, log, metrics, random: randomStream(name) },
    );
    const end = async () => {
      await system.stop('the test is over');
      await link.close();
    };
    return { system, link, end };
  }

  const request = async (role: string, verb: AdminVerb, args: object = {}, node: string | null = null) =>
    signedRequest(
      { cluster: 'esper', node, verb, args: { ...args } },
      tokenSigner(await readSigningKey(join(keys, KEY_PATHS.adminKey(role)))),
      Date.now(),
    );
  const ask = async (subject: string, body: string) => {
    const { data, headers } = await bare.request(subject, text(body), { timeout: 5_000 });
    return {
      error: headers?.get('Nats-Service-Error') ?? '',
      body: JSON.parse(new TextDecoder().decode(data)),
    };
  };
  const esper = async (...args: string[]) => {
    let [out, err] = ['', ''];
    const real = nodeWorld({ runner: none, node: none });
    const code = await main(
      [...args, ...(args[0] === 'admin' ? ['--nats', server.url] : []), '--keys', keys],
      {
        ...real,
        env: {},
        out: {
          write: (more) => {
            out += more;
          },
          isTTY: false,
          columns: 80,
        },
        err: {
          write: (more) => {
            err += more;
          },
          isTTY: false,
          columns: 80,
        },
      },
    );
    return { code, out, err };
  };

  it('is found with what a stock client asks, with endpoints and schemas', async () => {
    const found: {
      name: string;
      metadata: { node: string };
      endpoints: { name: string; subject: string; metadata: Record<string, string> }[];
    }[] = [];
    for await (const message of await bare.requestMany('$SRV.INFO.esper-admin', text(''), {
      maxMessages: 2,
      strategy: RequestStrategy.Count,
      maxWait: 5_000,
    }))
      found.push(message.json());

    expect(found.map(({ metadata }) => metadata.node).sort()).toEqual(['n1', 'n2']);
    const drain = found[0]?.endpoints.find(({ name }) => name === 'node-drain');
    expect(drain?.subject).toBe('esper.admin.v1.node-drain');
    expect(JSON.parse(drain?.metadata.args ?? '')).toMatchObject({ type: 'object', required: ['node'] });
    expect(drain?.metadata.roles).toBe('operator admin');
  });

  it('answers a bare client that sends a signed request, and none that does not', async () => {
    const good = await request('viewer', 'status');

    expect((await ask('esper.admin.v1.status', good)).body).toMatchObject({ v: 1, result: { nodesUp: 2 } });
    for (const bad of [good, '{}', '', await request('viewer', 'nodes')])
      expect((await ask('esper.admin.v1.status', bad)).error).toMatch(
        /^ADMIN_DENIED: the command was refused \(req-/,
      );
    expect(
      (
        await ask(
          'esper.admin.v1.actors-restart',
          await request('viewer', 'actors-restart', { unit: 'karn' }),
        )
      ).error,
    ).toMatch(/ADMIN_DENIED/);
    expect(deeds).toEqual([]);
  });

  it('carries out a command once: not again on the other node, nor after a restart of the node', async () => {
    const body = await request('operator', 'actors-restart', { unit: 'karn' }, 'n1');
    const subject = 'esper.admin.v1.n1.actors-restart';
    expect((await ask(subject, body)).body).toMatchObject({
      node: 'n1',
      result: { done: 'restarting karn' },
    });

    expect((await ask('esper.admin.v1.n2.actors-restart', body)).error).toMatch(/ADMIN_DENIED/);
    const any = await request('operator', 'actors-restart', { unit: 'urza' });
    await ask('esper.admin.v1.actors-restart', any);
    for (let tries = 0; tries < 6; tries++)
      expect((await ask('esper.admin.v1.actors-restart', any)).error).toMatch(/ADMIN_DENIED/);
    await n1.end();
    n1 = await begin('n1');
    expect((await ask(subject, body)).error).toMatch(/ADMIN_DENIED/);
    expect(deeds).toEqual(['karn', 'urza']);
  });

  it('is commanded from the command line', async () => {
    const status = await esper('admin', 'status');
    expect(status).toMatchObject({ code: 0, err: '' });
    expect(status.out).toMatch(/steward +n[12], epoch 1/);
    expect(status.out).not.toContain('\u001b');

    expect(await esper('admin', 'actors', 'restart', 'tezzeret', '--expected-epoch', '3')).toMatchObject({
      code: 8,
    });
    expect(await esper('admin', 'actors', 'restart', 'tezzeret', '--expected-epoch', '4')).toMatchObject({
      code: 0,
      out: 'restarting tezzeret\n',
    });
    expect(await esper('admin', 'run', 'pause')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/nothing trains/),
    });
    expect(await esper('admin', 'actors', 'stop', 'karn', '--as', 'viewer')).toMatchObject({ code: 5 });
    expect(await esper('admin', 'status', '--node', 'n9')).toMatchObject({ code: 6 });
  });

  it('shows an auditor who was refused and why, and the chain is whole', async () => {
    const { out } = await esper('admin', 'audit', 'tail', '--node', 'n1', '--json');
    const { entries } = JSON.parse(out).result as { entries: { outcome: string; why: string }[] };

    expect(entries.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(0);
    expect(await esper('audit', 'verify', join(folder, 'audit-n1'))).toMatchObject({ code: 0 });
  });
});

describe('a cluster that is not there', () => {
  it('is told of with exit code 6', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'esper-admin-'));
    let err = '';
    const real = nodeWorld({ runner: none, node: none });
    const world = {
      ...real,
      env: {},
      err: {
        write: (more: string) => {
          err += more;
        },
        isTTY: false,
        columns: 80,
      },
    };
    const quiet = { ...world, out: { ...world.err, write: () => {} } };
    const keys = join(folder, 'keys');

    expect(await main(['keys', 'init', '--dir', keys, '--nodes', 'n1'], quiet)).toBe(0);
    expect(await main(['keys', 'init', '--dir', keys, '--nodes', 'n1'], quiet)).toBe(8);
    expect(await main(['admin', 'status', '--keys', keys, '--nats', 'nats://127.0.0.1:9'], quiet)).toBe(6);
    expect(err).toMatch(/NATS_UNREACHABLE/);
    rmSync(folder, { recursive: true, force: true });
  });
});
