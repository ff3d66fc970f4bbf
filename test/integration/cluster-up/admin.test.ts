/** A cluster that `esper up` started, commanded: by its own command line, and by a bare client that has a key, or should not. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection, nkeyAuthenticator, RequestStrategy } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY_PATHS } from '../../../config/keys/paths.ts';
import { readSigningKey, secretText } from '../../../config/keys/read-keys.ts';
import { ADMIN_ISSUER, ADMIN_TOKEN_TYPE } from '../../../contracts/index.ts';
import { newSigningKey, type SigningKey, tokenSigner } from '../../../runtime/adapters/jose/tokens.ts';
import { packaged } from '../../../runtime/adapters/nats/server-binary.ts';
import { cleanUpAfterwards, esper, folderFor, PATIENCE_MS, type Running, start } from '../support/esper.ts';
import { moonsConfig } from '../support/runs.ts';

cleanUpAfterwards();
const server = packaged();
const env = { env: server === undefined ? {} : { NATS_SERVER_BIN: server } };
/** Exit code of a command that nobody answered in time. */
const SILENT = 6;
const text = (words: string) => new TextEncoder().encode(words);

describe.skipIf(server === undefined)('a cluster on one machine, commanded', () => {
  const home = folderFor('up-admin');
  const keys = join(home, 'esper', 'keys');
  let running: Running;
  let bare: NatsConnection;
  beforeAll(async () => {
    const config = moonsConfig(home, { training: { epochs: 1_000_000, batch: 'all', boundaryEpochs: 10 } });
    running = start(home, ['up', '--local-cluster', '3', '--run', config, '--json'], env);
    await running.hears(({ what }) => what === 'progress');
    bare = await clientOf('role-viewer');
  }, PATIENCE_MS);
  afterAll(async () => {
    await bare?.close();
    running?.kill('SIGTERM');
    await running?.ended;
  }, PATIENCE_MS);

  const broker = () =>
    JSON.parse(readFileSync(join(home, 'esper', 'local-cluster.json'), 'utf8')) as { nats: string };

  /** Of the plain NATS library, with the files of one user. */
  const clientOf = async (user: string): Promise<NatsConnection> => {
    const at = (path: string) => join(keys, path);
    return connect({
      servers: broker().nats.replace('tls://', ''),
      name: user,
      inboxPrefix: `_INBOX_esper_${user}`,
      authenticator: nkeyAuthenticator(text(await secretText(at(KEY_PATHS.seed(user))))),
      tls: {
        caFile: at(KEY_PATHS.ca),
        certFile: at(KEY_PATHS.cert(user)),
        keyFile: at(KEY_PATHS.certKey(user)),
      },
    });
  };

  const command = async (...words: string[]) => {
    const { code, out, err } = await esper(home, ['admin', ...words, '--timeout', '60', '--json']);
    return { code, said: out + err, result: code === 0 ? JSON.parse(out).result : null };
  };

  /** The result of what is carried out; what is not shows what was said. */
  const done = async (...words: string[]) => {
    const { code, said, result } = await command(...words);
    expect({ words, code, said: code === 0 ? '' : said }).toEqual({ words, code: 0, said: '' });
    return result;
  };

  /** The same for what may be asked again: nodes that have much to do are silent now and then. */
  const patiently = async (...words: string[]) => {
    for (let tries = 1; tries < 5; tries++) {
      const { code, result } = await command(...words);
      if (code === 0) return result;
      if (code !== SILENT) break;
    }
    return done(...words);
  };

  /** Code of the error a service answered with, or empty. */
  const ask = async (verb: string, body: string) => {
    const reply = await bare.request(`esper.admin.v1.${verb}`, text(body), { timeout: 10_000 });
    return { refused: reply.headers?.get('Nats-Service-Error-Code') ?? '', body: reply.string() };
  };

  const signed = async (verb: string) => (await esper(home, ['admin', 'sign', verb])).out.trim();

  const forged = (key: SigningKey, claims: object = {}) => {
    const iat = Math.floor(Date.now() / 1_000);
    const token = { iss: ADMIN_ISSUER, aud: 'esper', jti: crypto.randomUUID(), iat, exp: iat + 60 };
    return tokenSigner(key).sign(ADMIN_TOKEN_TYPE, { ...token, cmd: 'status', args: {}, ...claims });
  };

  it('has keys for its owner alone, and answers with no further step', async () => {
    const result = await patiently('status');

    expect(statSync(keys).mode & 0o077).toBe(0);
    expect(statSync(join(keys, KEY_PATHS.secret)).mode & 0o077).toBe(0);
    expect(broker().nats).toMatch(/^tls:/);
    expect(result).toMatchObject({ cluster: 'esper', nodesUp: 3, runs: [{ node: 'trainer' }] });
  });

  it('is found by a bare client, which asks what was signed for it', async () => {
    const found = await bare.requestMany('$SRV.INFO.esper-admin', undefined, {
      strategy: RequestStrategy.Count,
      maxMessages: 3,
      maxWait: 30_000,
    });
    const nodes = new Set<string>();
    for await (const reply of found) nodes.add(reply.json<{ metadata: { node: string } }>().metadata.node);
    const { refused, body } = await ask('status', await signed('status'));

    expect([...nodes].sort()).toEqual(['forge-a', 'forge-b', 'trainer']);
    expect(refused).toBe('');
    expect(JSON.parse(body).result).toMatchObject({ cluster: 'esper' });
  });

  it('refuses what is used twice, too old, forged or meant for something else, and writes down why', async () => {
    const used = await signed('status');
    const viewer = await readSigningKey(join(keys, KEY_PATHS.adminKey('viewer')));
    const { kid } = viewer;
    const past = Math.floor(Date.now() / 1_000) - 3_600;
    const bad = {
      'the token was used before': used,
      ERR_JWT_EXPIRED: JSON.stringify({ token: await forged(viewer, { iat: past, exp: past + 60 }) }),
      ERR_JWS_SIGNATURE_VERIFICATION_FAILED: JSON.stringify({
        token: await forged({ ...(await newSigningKey('viewer')), kid }),
      }),
      'it was signed for nodes': await signed('nodes'),
    };
    expect((await ask('status', used)).refused).toBe('');
    const answers = await Promise.all(Object.values(bad).map((body) => ask('status', body)));
    const audits = await Promise.all(
      ['trainer', 'forge-a', 'forge-b'].map((node) => patiently('audit', 'tail', '--node', node)),
    );
    const lines = audits.flatMap(({ entries }) => entries as { outcome: string; why: string }[]);
    const whys = lines.filter(({ outcome }) => outcome === 'refused').map(({ why }) => why);

    for (const { refused } of answers) expect(refused).not.toBe('');
    for (const why of Object.keys(bad)) expect(whys.join('\n')).toContain(why);
  });

  it('lets nobody act beyond their role, on its server or in its service', async () => {
    const viewer = await readSigningKey(join(keys, KEY_PATHS.adminKey('viewer')));
    const body = JSON.stringify({
      token: await forged(viewer, { cmd: 'actors-stop', args: { unit: 'karn' } }),
    });
    const operator = await clientOf('role-operator');
    const reply = await operator.request('esper.admin.v1.actors-stop', text(body), { timeout: 10_000 });
    await operator.close();

    expect(reply.headers?.get('Nats-Service-Error')).toContain('ADMIN_DENIED');
    await expect(
      bare.request('esper.admin.v1.actors-stop', text(body), { timeout: 2_000 }),
    ).rejects.toThrow();
    await expect(connect({ servers: broker().nats.replace('tls://', '') })).rejects.toThrow();
  });

  it(
    'pauses its run on whichever node that is, saves it and goes on',
    async () => {
      const paused = await done('run', 'pause', '--node', 'forge-a');
      const status = await patiently('status');
      const saved = await patiently('run', 'checkpoint');
      const resumed = await done('run', 'resume', '--node', 'forge-b');

      expect(paused.details).toMatchObject({ node: 'trainer' });
      expect(status.runs).toMatchObject([{ paused: true }]);
      expect(saved.details.boundary).toBeGreaterThan(0);
      expect(resumed.done).toContain('goes on');
    },
    PATIENCE_MS,
  );

  it(
    'changes its run by hand at a boundary, and its journal tells who did',
    async () => {
      const back = await done('run', 'rollback', '--reason', 'to be sure');
      const set = await done('config', 'set', 'run.growth.tempo.spacing=7', 'run.growth.maxLiveSeeds=2');
      const nowhere = await command('seeds', 'germinate', '--slot', 'h9/layer', '--node', 'forge-a');
      const nobody = await command('seeds', 'cull', '--seed', 's0');
      const fixed = await command('config', 'set', 'run.growth.tempo.spacing=1', 'run.training.epochs=5');
      const both = await command('config', 'set', 'run.growth.tempo.spacing=1', 'log.level=info');
      const { settings } = await patiently('config', 'get', 'run');
      const { seeds } = await patiently('seeds', 'ls', '--node', 'forge-b');
      const { runId } = (await patiently('status')).runs[0];
      const { out } = await esper(home, ['decisions', runId, '--json']);

      expect(back.done).toContain('back from step');
      expect(set.done).toContain('growth.tempo.spacing 7, 5 before; growth.maxLiveSeeds 2');
      expect([nowhere.code, nobody.code, fixed.code, both.code]).toEqual([4, 4, 3, 2]);
      expect(nowhere.said).toContain('slots: h1/layer');
      expect(settings).toContainEqual(
        expect.objectContaining({ key: 'run.growth.tempo.spacing', value: 7, live: true }),
      );
      expect(seeds[0]).toMatchObject({ slotId: 'h1/layer', blueprintId: expect.any(String) });
      expect(JSON.parse(out).byHand).toMatchObject([
        { command: { do: 'rollback' }, role: 'trainer', reason: 'to be sure', refused: null },
        { command: { do: 'set' }, role: 'admin', refused: null },
        { command: { do: 'germinate' }, refused: 'TAMIYO_SLOT_UNKNOWN' },
        { command: { do: 'cull' }, refused: 'TAMIYO_SEED_NOT_GROWING' },
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'moves an actor, and every node shows where it is',
    async () => {
      const lines = async (node: string) =>
        (await patiently('actors', 'ls', '--node', node)).units as Record<string, unknown>[];
      const before = (await lines('trainer')).find(({ unit }) => unit === 'karn');
      const to = before?.node === 'forge-a' ? 'forge-b' : 'forge-a';
      const moved = await done('actors', 'move', 'karn', '--to', to);
      const after = (await lines('forge-b')).find(({ unit }) => unit === 'karn');
      await running.hears((said) => {
        return said.what === 'unit' && said.unit === 'karn' && said.node === to && said.state === 'running';
      });
      const { nodes } = await patiently('nodes');

      expect(moved.done).toBe(`karn has moved from ${before?.node} to ${to}`);
      expect(after).toMatchObject({ node: to, state: 'running' });
      expect(nodes).toHaveLength(3);
      const trees = (await patiently('tree')).nodes as { node: string }[];
      expect(trees.map(({ node }) => node)).toEqual(['trainer', 'forge-a', 'forge-b']);
    },
    PATIENCE_MS,
  );

  it('says at once why something cannot be moved, and does nothing then', async () => {
    const karn = await patiently('actors', 'describe', 'karn');
    const there = await command('actors', 'move', 'karn', '--to', karn.node);
    const unfit = await command('actors', 'move', 'karn', '--to', 'trainer');
    const nobody = await command('actors', 'move', 'kran');
    const drain = await command('node', 'drain', 'trainer');

    expect([there.code, unfit.code, nobody.code, drain.code]).toEqual([8, 8, 4, 8]);
    expect(there.said).toContain(`karn is on ${karn.node} already`);
    expect(unfit.said).toContain('NODE_LACKS_LABELS');
    expect(nobody.said).toContain('the cluster has no unit kran');
    expect(drain.said).toContain('no other node can have');
    const { nodes } = (await patiently('nodes')) as { nodes: { cordoned: boolean; state: string }[] };
    expect(nodes.filter(({ cordoned, state }) => cordoned || state !== 'up')).toEqual([]);
  });

  it(
    'empties a node before it answers, and calls one that went in order so',
    async () => {
      const drained = await command('node', 'drain', 'forge-b', '--within', '60');
      const nodes = async () =>
        (await patiently('nodes', '--node', 'trainer')).nodes as Record<string, unknown>[];
      const forge = (await nodes()).find(({ node }) => node === 'forge-b');
      const left = await done('node', 'leave', '--node', 'forge-b');

      expect(drained.said).toContain('forge-b is empty and gets nothing new');
      expect(forge).toMatchObject({ state: 'draining', units: [] });
      expect(left.done).toBe('forge-b is empty and leaves');
      await expect
        .poll(async () => (await nodes()).find(({ node }) => node === 'forge-b')?.state, { timeout: 20_000 })
        .toBe('left');
      const last = await command('node', 'leave', '--node', 'forge-a', '--within', '1');
      await done('node', 'uncordon', 'forge-a');
      expect(last).toMatchObject({ code: 7, said: expect.stringContaining('NODE_LEAVE_LATE') });
      expect(last.said).toContain('karn is running on forge-a');
      expect(await patiently('status')).toMatchObject({ nodesUp: 2, nodesAway: 0 });
    },
    PATIENCE_MS,
  );

  it('logs as much as it is told to', async () => {
    const refusals = () =>
      readFileSync(join(home, 'esper', 'nodes', 'forge-a.log'), 'utf8').split('an admin command was refused')
        .length;
    const refuse = () => bare.request('esper.admin.v1.forge-a.status', text('{}'), { timeout: 10_000 });
    await refuse();
    await expect.poll(refusals).toBeGreaterThan(1);
    const before = refusals();
    const set = await done('log-level', 'error', '--node', 'forge-a');
    await refuse();
    const read = await patiently('config', 'get', 'log.level', '--node', 'forge-a');

    expect(set.details['log.level']).toEqual({ before: 'info', now: 'error' });
    expect(read.settings).toMatchObject([{ value: 'error', live: true }]);
    expect(refusals()).toBe(before);
  });
});
