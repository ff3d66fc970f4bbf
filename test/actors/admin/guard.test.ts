/** Who is turned away, and that a stranger learns nothing from how. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ADMIN_TOKEN_TYPE } from '../../../contracts/index.ts';
import { newSigningKey, tokenSigner } from '../../../runtime/adapters/jose/tokens.ts';
import { claims, lastLine, node, type Office, office, signed } from './fixtures.ts';

const RESTART = 'esper.admin.v1.actors-restart';
const STATUS = 'esper.admin.v1.status';
const unit = { unit: 'karn' };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = (at: Office) => Math.floor(at.clock.wallMs() / 1_000);
const good = (at: Office, more: object = {}) =>
  signed(at, 'operator', claims(at, 'actors-restart', unit, more));

/** One bad request for each way in which they are bad, and what the audit says of it. */
const bad: readonly [name: string, why: RegExp, make: (at: Office) => unknown][] = [
  ['nothing', /no request/, () => ''],
  ['no JSON', /no request/, () => '{"token":'],
  ['bytes that are no text', /no request/, () => new Uint8Array([0xff, 0xfe])],
  ['a field beside the token', /no request/, async (at) => ({ ...(await good(at)), role: 'admin' })],
  ['a request that is too large', /no request/, () => ({ token: 'x'.repeat(40_000) })],
  ['a token that is none', /kid/, () => ({ token: 'a.b.c' })],
  ['an expired token', /EXPIRED/, (at) => good(at, { iat: now(at) - 200, exp: now(at) - 100 })],
  ['a token of tomorrow', /nbf/, (at) => good(at, { nbf: now(at) + 120 })],
  ['a token made in the future', /iat/, (at) => good(at, { iat: now(at) + 120, exp: now(at) + 180 })],
  ['a token that wants to live long', /lives/, (at) => good(at, { exp: now(at) + 3_600 })],
  [
    'an old token with a long life',
    /iat|EXPIRED/,
    (at) => good(at, { iat: now(at) - 400, exp: now(at) + 60 }),
  ],
  ['a token without an end', /exp/, (at) => good(at, { exp: undefined })],
  ['a token without an id', /jti/, (at) => good(at, { jti: undefined })],
  ['a token for another cluster', /aud/, (at) => good(at, { aud: 'other' })],
  ['a token for one node, sent to any', /aud/, (at) => good(at, { aud: 'esper/n1' })],
  ['a token of another issuer', /iss/, (at) => good(at, { iss: 'somebody' })],
  ['a claim nobody knows', /claims/, (at) => good(at, { role: 'admin' })],
  [
    'a token for another command',
    /signed for actors-stop/,
    (at) => signed(at, 'operator', claims(at, 'actors-stop', unit)),
  ],
  ['a role that may not', /no role/, (at) => signed(at, 'viewer', claims(at, 'actors-restart', unit))],
  ['an auditor who acts', /no role/, (at) => signed(at, 'auditor', claims(at, 'actors-restart', unit))],
  [
    'a token of another type',
    /typ/,
    async (at) => ({
      token: await tokenSigner(at.keys.operator).sign('JWT', claims(at, 'actors-restart', unit)),
    }),
  ],
  [
    'a kid nobody pinned',
    /kid/,
    async (at) => ({
      token: await tokenSigner(await newSigningKey('operator')).sign(
        ADMIN_TOKEN_TYPE,
        claims(at, 'actors-restart', unit),
      ),
    }),
  ],
  [
    'a foreign key under a pinned kid',
    /SIGNATURE/,
    async (at) => ({
      token: await tokenSigner({ ...(await newSigningKey('x')), kid: at.keys.operator.kid }).sign(
        ADMIN_TOKEN_TYPE,
        claims(at, 'actors-restart', unit),
      ),
    }),
  ],
  [
    'a viewer under the kid of an admin',
    /SIGNATURE/,
    async (at) => ({
      token: await tokenSigner({ ...at.keys.viewer, kid: at.keys.admin.kid }).sign(
        ADMIN_TOKEN_TYPE,
        claims(at, 'actors-restart', unit),
      ),
    }),
  ],
  [
    'no algorithm',
    /ALG/,
    (at) => {
      const header = { alg: 'none', typ: ADMIN_TOKEN_TYPE, kid: at.keys.operator.kid };
      return { token: `${part(header)}.${part(claims(at, 'actors-restart', unit))}.` };
    },
  ],
  [
    'the public key as a shared secret',
    /ALG/,
    (at) => {
      const { kid, x } = at.keys.operator;
      const text = `${part({ alg: 'HS256', typ: ADMIN_TOKEN_TYPE, kid })}.${part(claims(at, 'actors-restart', unit))}`;
      const mac = createHmac('sha256', Buffer.from(x, 'base64url')).update(text).digest('base64url');
      return { token: `${text}.${mac}` };
    },
  ],
  [
    'a key that the token brings along',
    /SIGNATURE|kid/,
    async (at) => {
      const own = await newSigningKey('own');
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: own.x };
      const { token } = {
        token: await tokenSigner(own).sign(ADMIN_TOKEN_TYPE, claims(at, 'actors-restart', unit)),
      };
      const [, body, signature] = token.split('.');
      const header = { alg: 'EdDSA', typ: ADMIN_TOKEN_TYPE, kid: at.keys.operator.kid, jwk };
      return { token: `${part(header)}.${body}.${signature}` };
    },
  ],
  [
    'a stripped signature',
    /SIGNATURE|JWS/,
    async (at) => ({ token: (await good(at)).token.replace(/[^.]+$/, '') }),
  ],
  [
    'changed arguments',
    /SIGNATURE/,
    async (at) => {
      const [header, , signature] = (await good(at)).token.split('.');
      return { token: `${header}.${part(claims(at, 'actors-restart', { unit: 'urza' }))}.${signature}` };
    },
  ],
];

describe('the guard', () => {
  it.each(bad)('turns away %s', async (_, why, make) => {
    const at = await office();
    const n1 = await node(at, 'n1');

    await expect(n1.send(RESTART, await make(at))).rejects.toMatchObject({
      code: 'ADMIN_DENIED',
      message: 'the command was refused (req-1)',
    });
    expect(at.deeds).toEqual([]);
    expect(lastLine(n1)).toMatchObject({ outcome: 'refused', request: 'req-1', verb: 'actors-restart' });
    expect(lastLine(n1)?.why).toMatch(why);
  });

  it('lets the right key through, once', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    const request = await good(at);

    expect(await n1.send(RESTART, request)).toMatchObject({ v: 1, node: 'n1', again: false });
    await expect(n1.send(RESTART, request)).rejects.toMatchObject({ code: 'ADMIN_DENIED' });
    expect(lastLine(n1)).toMatchObject({ who: 'operator@here', why: 'the token was used before' });
    expect(at.deeds).toEqual([unit]);
  });

  it('knows a used token on every other node, and after a restart', async () => {
    const at = await office();
    const [n1, n2] = [await node(at, 'n1'), await node(at, 'n2')];
    const request = await good(at);
    await n1.send(RESTART, request);

    await expect(n2.send(RESTART, request)).rejects.toMatchObject({ code: 'ADMIN_DENIED' });
    await n1.stop();
    const reborn = await node(at, 'n1');
    await expect(reborn.send(RESTART, request)).rejects.toMatchObject({ code: 'ADMIN_DENIED' });
    expect(at.deeds).toHaveLength(1);
  });

  it('believes a token for a node on that node alone', async () => {
    const at = await office();
    const [n1, n2] = [await node(at, 'n1'), await node(at, 'n2')];
    const request = await signed(
      at,
      'operator',
      claims(at, 'log-level', { level: 'debug' }, { aud: 'esper/n1' }),
    );

    await expect(n2.send('esper.admin.v1.n2.log-level', request)).rejects.toMatchObject({
      code: 'ADMIN_DENIED',
    });
    expect(await n1.send('esper.admin.v1.n1.log-level', request)).toMatchObject({ result: { done: 'set' } });
    expect(lastLine(n2)?.why).toMatch(/aud/);
  });

  it('lets nobody through while it cannot know whether a token was used', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    at.leases.down = true;

    await expect(n1.send(RESTART, await good(at))).rejects.toMatchObject({ code: 'LEASES_UNREACHABLE' });
    expect(at.deeds).toEqual([]);
  });

  it('takes a token whose maker has a clock half a minute off', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');

    for (const iat of [now(at) - 290, now(at) + 20])
      expect(
        await n1.send(STATUS, await signed(at, 'viewer', claims(at, 'status', {}, { iat, exp: iat + 280 }))),
      ).toMatchObject({ v: 1 });
  });
});

describe('a key that was replaced', () => {
  it('is believed until its time is over, and not a moment longer', async () => {
    const at = await office();
    const untilMs = at.clock.wallMs() + 60_000;
    const keys = at.set.keys.map((key) => (key.roles.includes('operator') ? { ...key, untilMs } : key));
    const n1 = await node({ ...at, set: { ...at.set, keys } }, 'n1');
    expect((await n1.send(RESTART, await good(at))).result).toMatchObject({ done: 'restarting karn' });
    await at.clock.advance(60_000);

    await expect(n1.send(RESTART, await good(at))).rejects.toMatchObject({ code: 'ADMIN_DENIED' });
    expect(lastLine(n1)).toMatchObject({ outcome: 'refused', why: expect.stringContaining('replaced') });
  });
});
