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
    const { code, out, err } = await esper(home, ['admin', ...words, '--json']);
    return { code, said: out + err, result: code === 0 ? JSON.parse(out).result : null };
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
    const { code, result } = await command('status');

    expect(statSync(keys).mode & 0o077).toBe(0);
    expect(statSync(join(keys, KEY_PATHS.secret)).mode & 0o077).toBe(0);
    expect(broker().nats).toMatch(/^tls:/);
    expect(code).toBe(0);
    expect(result).toMatchObject({ cluster: 'esper', nodesUp: 3, runs: [{ node: 'trainer' }] });
  });

  it('is found by a bare client, which asks what was signed for it', async () => {
    const found = await bare.requestMany('$SRV.INFO.esper-admin', undefined, {
      strategy: RequestStrategy.Timer,
      maxWait: 3_000,
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
      ['trainer', 'forge-a', 'forge-b'].map((node) => command('audit', 'tail', '--node', node)),
    );
    const lines = audits.flatMap(({ result }) => result.entries as { outcome: string; why: string }[]);
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
      const paused = await command('run', 'pause', '--node', 'forge-a');
      const status = await command('status');
      const saved = await command('run', 'checkpoint');
      const resumed = await command('run', 'resume', '--node', 'forge-b');

      expect(paused.result.details).toMatchObject({ node: 'trainer' });
      expect(status.result.runs).toMatchObject([{ paused: true }]);
      expect(saved.result.details.boundary).toBeGreaterThan(0);
      expect(resumed.result.done).toContain('goes on');
    },
    PATIENCE_MS,
  );

  it(
    'changes its run by hand at a boundary, and its journal tells who did',
    async () => {
      const back = await command('run', 'rollback', '--reason', 'to be sure');
      const set = await command('config', 'set', 'run.growth.tempo.spacing=7', 'run.growth.maxLiveSeeds=2');
      const nowhere = await command('seeds', 'germinate', '--slot', 'h9/layer', '--node', 'forge-a');
      const nobody = await command('seeds', 'cull', '--seed', 's0');
      const fixed = await command('config', 'set', 'run.growth.tempo.spacing=1', 'run.training.epochs=5');
      const both = await command('config', 'set', 'run.growth.tempo.spacing=1', 'log.level=info');
      const { settings } = (await command('config', 'get', 'run')).result;
      const { seeds } = (await command('seeds', 'ls', '--node', 'forge-b')).result;
      const { runId } = (await command('status')).result.runs[0];
      const { out } = await esper(home, ['decisions', runId, '--json']);

      expect(back.result.done).toContain('back from step');
      expect(set.result.done).toContain('growth.tempo.spacing 7, 5 before; growth.maxLiveSeeds 2');
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
        (await command('actors', 'ls', '--node', node)).result.units as Record<string, unknown>[];
      const before = (await lines('trainer')).find(({ unit }) => unit === 'karn');
      const to = before?.node === 'forge-a' ? 'forge-b' : 'forge-a';
      const moved = await command('actors', 'move', 'karn', '--to', to);
      const after = (await lines('forge-b')).find(({ unit }) => unit === 'karn');
      await running.hears((said) => {
        return said.what === 'unit' && said.unit === 'karn' && said.node === to && said.state === 'running';
      });
      const nodes = await command('nodes');

      expect(moved.result.done).toBe(`karn has moved from ${before?.node} to ${to}`);
      expect(after).toMatchObject({ node: to, state: 'running' });
      expect(nodes.result.nodes).toHaveLength(3);
      const trees = (await command('tree')).result.nodes as { node: string }[];
      expect(trees.map(({ node }) => node)).toEqual(['trainer', 'forge-a', 'forge-b']);
    },
    PATIENCE_MS,
  );

  it('says at once why something cannot be moved, and does nothing then', async () => {
    const karn = (await command('actors', 'describe', 'karn')).result;
    const there = await command('actors', 'move', 'karn', '--to', karn.node);
    const unfit = await command('actors', 'move', 'karn', '--to', 'trainer');
    const nobody = await command('actors', 'move', 'kran');
    const drain = await command('node', 'drain', 'trainer');

    expect([there.code, unfit.code, nobody.code, drain.code]).toEqual([8, 8, 4, 8]);
    expect(there.said).toContain(`karn is on ${karn.node} already`);
    expect(unfit.said).toContain('NODE_LACKS_LABELS');
    expect(nobody.said).toContain('the cluster has no unit kran');
    expect(drain.said).toContain('no other node can have');
    const { nodes } = (await command('nodes')).result as { nodes: { cordoned: boolean; state: string }[] };
    expect(nodes.filter(({ cordoned, state }) => cordoned || state !== 'up')).toEqual([]);
  });

  it(
    'empties a node before it answers, and calls one that went in order so',
    async () => {
      const drained = await command('node', 'drain', 'forge-b', '--within', '60');
      const nodes = async () =>
        (await command('nodes', '--node', 'trainer')).result.nodes as Record<string, unknown>[];
      const forge = (await nodes()).find(({ node }) => node === 'forge-b');
      await command('node', 'leave', '--node', 'forge-b');

      expect(drained.said).toContain('forge-b is empty and gets nothing new');
      expect(forge).toMatchObject({ state: 'draining', units: [] });
      await expect
        .poll(async () => (await nodes()).find(({ node }) => node === 'forge-b')?.state, { timeout: 20_000 })
        .toBe('left');
      expect((await command('status')).result).toMatchObject({ nodesUp: 2, nodesAway: 0 });
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
    const set = await command('log-level', 'error', '--node', 'forge-a');
    await refuse();
    const read = await command('config', 'get', 'log.level', '--node', 'forge-a');

    expect(set.result.details['log.level']).toEqual({ before: 'info', now: 'error' });
    expect(read.result.settings).toMatchObject([{ value: 'error', live: true }]);
    expect(refusals()).toBe(before);
  });
});
