/** New keys beside the old ones: nobody is locked out before the overlap is over, and nothing is ever half done. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../../../config/keys/bundle.ts';
import { keyFiles } from '../../../config/keys/key-files.ts';
import { serverLinesOf } from '../../../config/keys/local-keys.ts';
import { readNodeKeys } from '../../../config/keys/node-keys.ts';
import { KEY_PATHS } from '../../../config/keys/paths.ts';
import { readAdminKeys, readSigningKey, secretText } from '../../../config/keys/read-keys.ts';
import { type Owner, rotate } from '../../../config/keys/rotate.ts';
import { usersIn } from '../../../config/keys/server-users.ts';
import { finishReplacing, replaceTogether } from '../../../config/keys/together.ts';
import { writeKeys } from '../../../config/keys/write-keys.ts';
import { publicKeyOf } from '../../../runtime/adapters/nats/user-key.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);

let root: string;
let folder: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'esper-rotate-'));
  folder = join(root, 'keys');
  const plan = {
    folder,
    cluster: 'esper',
    nodes: ['n1', 'n2'],
    hosts: [],
    roles: ['viewer', 'operator'] as const,
  };
  await writeKeys(folder, await keyFiles({ ...plan, nowMs: NOW }), false);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string) => join(folder, path);
const text = (path: string) => readFileSync(at(path), 'utf8');
const turn = (owner: Owner | null, nowMs = NOW, overlapMs = 7 * DAY) =>
  rotate({ folder, owner, overlapMs, nowMs });
const config = () => text(KEY_PATHS.serverConfig);
const usersOf = (name: string) =>
  usersIn('x', config().trimEnd())
    .filter((user) => user.name === name)
    .map(({ publicKey }) => publicKey);
const publicOf = async (user: string) => publicKeyOf(await secretText(at(KEY_PATHS.seed(user))));

describe('new keys of a node', () => {
  it('are let in beside the old ones, and signed by the same authority', async () => {
    const [seed, secret] = [await publicOf('n1'), text(KEY_PATHS.secret)];
    const audit = await readSigningKey(at(KEY_PATHS.auditKey('n1')));
    const done = await turn({ node: 'n1' });

    expect(done).toMatchObject({ made: true, untilMs: NOW + 7 * DAY });
    expect(usersOf('n1')).toEqual([seed, await publicOf('n1')]);
    expect(new Set(usersOf('n1')).size).toBe(2);
    expect(text(KEY_PATHS.secret)).toBe(secret);
    const cert = new X509Certificate(text(KEY_PATHS.cert('n1')));
    expect(cert.verify(new X509Certificate(text(KEY_PATHS.ca)).publicKey)).toBe(true);
    expect(cert.subject).toBe('CN=n1');
    const { admin, audit: now } = await readNodeKeys(folder, 'n1', 'esper');
    const known = admin.auditKeys.filter(({ who }) => who === 'n1').map(({ kid }) => kid);
    expect(known).toEqual([audit.kid, now.kid]);
    expect(await serverLinesOf(folder, 'esper', NOW)).toContain(`      nkey: ${seed}`);
    expect(await serverLinesOf(folder, 'esper', NOW + 8 * DAY)).not.toContain(`      nkey: ${seed}`);
  });

  it('are made once, however often they are asked for within the overlap', async () => {
    await turn({ node: 'n1' });
    const before = [config(), text(KEY_PATHS.seed('n1')), text(KEY_PATHS.adminKeys)];
    const again = await turn({ node: 'n1' }, NOW + DAY);

    expect(again).toMatchObject({ made: false, untilMs: NOW + 7 * DAY, files: [] });
    expect([config(), text(KEY_PATHS.seed('n1')), text(KEY_PATHS.adminKeys)]).toEqual(before);
  });

  it('are the only ones when the overlap is over, or when there was to be none', async () => {
    await turn({ node: 'n1' });
    const over = await turn(null, NOW + 8 * DAY);
    expect(over).toMatchObject({ made: false, expired: ['n1'] });
    expect(usersOf('n1')).toEqual([await publicOf('n1')]);

    await turn({ node: 'n2' }, NOW, 0);
    expect(usersOf('n2')).toEqual([await publicOf('n2')]);
    expect(usersOf('role-viewer')).toHaveLength(1);
  });

  it('leave alone what somebody wrote into the configuration of the server', async () => {
    const mine = `# ours\n${config().replace('127.0.0.1:4222', '0.0.0.0:4333')}max_payload: 2MB\n`;
    writeFileSync(at(KEY_PATHS.serverConfig), mine, { mode: 0o600 });
    await turn({ node: 'n1' });
    const now = config();

    expect(now).toMatch(/^# ours\nlisten: "0.0.0.0:4333"/);
    expect(now).toMatch(/max_payload: 2MB\n$/);
    expect(usersOf('n1')).toHaveLength(2);
  });

  it.each<[string, () => void, Owner, string]>([
    ['a node nobody knows', () => {}, { node: 'n9' }, 'KEYS_OTHER_NODES'],
    ['no authority', () => rmSync(at(KEY_PATHS.caKey)), { node: 'n1' }, 'KEYS_NO_AUTHORITY'],
    [
      'users written by hand',
      () => writeFileSync(at(KEY_PATHS.serverConfig), 'authorization { token: x }\n', { mode: 0o600 }),
      { node: 'n1' },
      'KEYS_CONFIG_UNKNOWN',
    ],
  ])('are not made for %s, and nothing changes', async (_what, spoil, owner, code) => {
    spoil();
    const before = [config(), text(KEY_PATHS.adminKeys)];
    await expect(turn(owner)).rejects.toMatchObject({ code });

    expect([config(), text(KEY_PATHS.adminKeys)]).toEqual(before);
    expect(existsSync(at(KEY_PATHS.retired))).toBe(false);
  });
});

describe('a new key of a role', () => {
  it('is believed beside the old one until the overlap is over, and the old one is kept for as long', async () => {
    const old = await readSigningKey(at(KEY_PATHS.adminKey('operator')));
    await turn({ role: 'operator' });
    const { keys } = await readAdminKeys(at(KEY_PATHS.adminKeys));
    const now = await readSigningKey(at(KEY_PATHS.adminKey('operator')));

    expect(keys.filter(({ who }) => who === 'operator')).toMatchObject([
      { kid: old.kid, untilMs: NOW + 7 * DAY },
      { kid: now.kid, roles: ['operator'] },
    ]);
    expect(await readSigningKey(at(KEY_PATHS.retiredKey('operator')))).toEqual(old);
    expect(usersOf('role-operator')).toHaveLength(2);

    await turn(null, NOW + 8 * DAY);
    const left = (await readAdminKeys(at(KEY_PATHS.adminKeys))).keys.filter(({ who }) => who === 'operator');
    expect(left.map(({ kid }) => kid)).toEqual([now.kid]);
    expect(existsSync(at(KEY_PATHS.retiredKey('operator')))).toBe(false);
    expect(statSync(at('retired')).mode & 0o077).toBe(0);
  });
});

describe('files that are replaced together', () => {
  const files = [
    { path: 'admin-keys.json', text: 'new', secret: false },
    { path: 'nats/n1.seed', text: 'new seed', secret: true },
  ];

  it('are all replaced by whoever comes next, when the first was stopped in between', async () => {
    rmSync(at('nats/n1.seed'));
    mkdirSync(at('nats/n1.seed'));
    await expect(replaceTogether(folder, files, ['tls/n1.pem'])).rejects.toMatchObject({
      code: 'KEYS_UNWRITABLE',
    });
    expect(text('admin-keys.json')).toBe('new');
    expect(existsSync(at('tls/n1.pem'))).toBe(true);
    rmSync(at('nats/n1.seed'), { recursive: true });

    expect(await finishReplacing(folder)).toBe(true);
    expect(text('nats/n1.seed')).toBe('new seed');
    expect(statSync(at('nats/n1.seed')).mode & 0o077).toBe(0);
    expect(existsSync(at('tls/n1.pem'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await finishReplacing(folder)).toBe(false);
  });

  it('are forgotten when it had not been decided', async () => {
    mkdirSync(at('.replacing.draft'));
    writeFileSync(at('.replacing.draft/0'), 'half');
    expect(await finishReplacing(folder)).toBe(false);
    await replaceTogether(folder, files, []);

    expect(text('admin-keys.json')).toBe('new');
    expect(existsSync(at('.replacing.draft'))).toBe(false);
  });
});

describe('the bundle of a node', () => {
  it.each(['n1.tar', 'n1'])(
    'as %s holds what the node needs, for its owner alone, and nothing else',
    async (name) => {
      const out = join(root, name);
      const files = await bundle({ folder, node: 'n1', out });
      const opened = name.endsWith('.tar') ? join(root, 'opened') : out;
      if (opened !== out) {
        expect(statSync(out).mode & 0o777).toBe(0o600);
        mkdirSync(opened, { mode: 0o700 });
        execFileSync('tar', ['xpf', out, '-C', opened]);
      }
      const found = readdirSync(opened, { recursive: true, encoding: 'utf8', withFileTypes: true });
      const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));

      expect(paths.map((path) => path.slice(opened.length + 1)).sort()).toEqual([...files].sort());
      expect(paths.join()).not.toMatch(/n2|role-|ca\.key|server/);
      for (const path of [
        ...paths,
        ...found.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name)),
      ])
        expect(statSync(path).mode & 0o077, path).toBe(0);
      await expect(readNodeKeys(opened, 'n1', 'esper')).resolves.toMatchObject({
        admin: { cluster: 'esper' },
      });
    },
  );

  it.each(['n1.tar', 'n1'])(
    'replaces no %s that is there, and is not made of keys nobody has',
    async (name) => {
      const out = join(root, name);
      await bundle({ folder, node: 'n1', out });
      const inode = statSync(out).ino;

      await expect(bundle({ folder, node: 'n1', out })).rejects.toMatchObject({ code: 'KEYS_EXIST' });
      await expect(bundle({ folder, node: 'n9', out: join(root, 'x') })).rejects.toMatchObject({
        code: 'KEYS_OTHER_NODES',
      });
      expect(statSync(out).ino).toBe(inode);
      expect(readdirSync(root).sort()).toEqual(['keys', name].sort());
    },
  );
});
