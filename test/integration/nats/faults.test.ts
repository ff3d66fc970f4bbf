import { connect, nkeys } from 'nats';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../runtime/index.ts';
import { type BreakableServer, breakableServer, programs, until } from './support/server.ts';
import { settled } from './support/settled.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe.each(programs)('against $version', (program) => {
  let broker: BreakableServer | undefined;
  afterEach(async () => {
    await broker?.end();
    broker = undefined;
  });
  const started = async (configLines: readonly string[] = []) => {
    broker = await breakableServer(program, configLines);
    return broker;
  };
  const publishing = 'nats_handler_errors_total';

  it('goes on hearing after a handler threw, everywhere', async () => {
    const { open } = await started();
    const { transport, leases, streams, services, metrics, log } = await open('one');
    const heard: string[] = [];
    transport.subscribe('bad', () => {
      throw new Error('in a subscription');
    });
    transport.subscribe('good', () => heard.push('good'));
    leases.watch('k', () => {
      throw new Error('in a watch');
    });
    transport.onChange(() => {
      throw new Error('in a change');
    });
    await streams.ensure({ name: 'S', subjects: ['s'], keeps: 'work' });
    await streams.consume('S', { durable: 'd', filter: 's', settleMs: 60_000, atOnce: 2 }, () => {
      throw new Error('in a consumer');
    });
    await services.serve({
      name: 'x',
      version: '1.0.0',
      description: 'x',
      endpoints: [{ name: 'x', subject: 'x', handle: () => Promise.reject(new Error('in a service')) }],
    });
    transport.publish('bad', bytes('1'));
    await leases.put('k', bytes('1'), 0);
    await streams.publish('s', bytes('1'), { id: '1' });
    await expect(services.ask('x', bytes('1'), { withinMs: 10_000 })).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
    });
    await until(() => metrics.value(publishing) === 4, 'all four were told');
    transport.publish('good', bytes('1'));
    await until(() => heard.length === 1, 'the others still hear');
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(4);
    expect(await leases.get('k')).toBeDefined();
  });

  it('stands many who miss the lease store at the same moment: all of them make it, read it and write it', async () => {
    const { open } = await started();
    for (let round = 0; round < 16; round++) {
      const links = await Promise.all(
        Array.from({ length: 8 }, (_, i) => open(`r${round}-${i}`, { cluster: `c${round}` })),
      );
      const revisions = await Promise.all(
        links.map(async ({ leases }) => {
          expect(await leases.get('node.nobody')).toBeUndefined();
          return leases.put('singleton', bytes('mine'), 0);
        }),
      );
      expect(revisions.filter((revision) => revision !== undefined)).toHaveLength(1);
    }
  });

  it('notices a server that stands still, and is back as soon as it is', async () => {
    const { open, signal } = await started();
    const { transport, leases } = await open('one');
    signal('SIGSTOP');
    try {
      await until(() => !transport.connected, 'it is noticed');
      expect(transport.publish('x', bytes('1'))).toBe(false);
      await expect(leases.get('k')).rejects.toMatchObject({ code: 'LEASES_UNREACHABLE' });
    } finally {
      signal('SIGCONT');
    }
    await until(() => transport.connected, 'it is back');
  });

  it('is back soon after a server that was killed, with its subscriptions and what was stored', async () => {
    const { open, kill, revive } = await started();
    const { transport, leases, streams } = await open('one');
    const { transport: other } = await open('other');
    const heard: string[] = [];
    transport.subscribe('a', () => heard.push('a'));
    await streams.ensure({ name: 'S', subjects: ['s'], keeps: 'log' });
    await streams.publish('s', bytes('1'), { id: '1' });
    const revision = (await leases.put('k', bytes('1'), 0)) ?? 0;
    await kill();
    await until(() => !transport.connected && !other.connected, 'both notice');
    await revive();
    await until(() => transport.connected && other.connected, 'both are back');
    other.publish('a', bytes('1'));
    await until(() => heard.length === 1, 'the subscription holds');
    expect([await leases.get('k'), (await streams.size('S')).messages]).toMatchObject([{ revision }, 1]);
  });

  it('makes anew what a server has lost: the bucket, the stream, the consumer, the watch', async () => {
    const { open, kill, revive, lose } = await started();
    const { transport, leases, streams } = await open('one');
    const told: string[] = [];
    const got: string[] = [];
    leases.watch('a.', ({ key }) => told.push(key));
    await leases.put('a.x', bytes('1'), 0);
    await streams.ensure({ name: 'S', subjects: ['s'], keeps: 'work' });
    await streams.consume('S', { durable: 'd', filter: 's', settleMs: 5_000, atOnce: 2 }, (delivery) => {
      got.push(new TextDecoder().decode(delivery.bytes));
      delivery.done();
    });
    await until(() => told.length === 1, 'the watch works');
    await kill();
    lose();
    await until(() => !transport.connected, 'it is noticed');
    await revive();
    await until(() => transport.connected, 'it is back');
    expect(await leases.get('a.x')).toBeUndefined();
    expect(await leases.put('a.y', bytes('1'), 0)).toBe(1);
    await streams.publish('s', bytes('new'), { id: '2' });
    await until(() => got.length === 1 && told.length === 2, 'all of it works again');
    expect([got, told]).toEqual([['new'], ['a.x', 'a.y']]);
  });

  it('lets nothing that was handed out before the loss settle what has its number now', async () => {
    const { open, kill, revive, lose } = await started();
    const [one, two] = [await open('one'), await open('two')];
    const both = [one, two];
    const got: { readonly text: string; readonly delivery: Delivery }[] = [];
    await one.streams.ensure({ name: 'S', subjects: ['s'], keeps: 'log' });
    await two.streams.ensure({ name: 'S', subjects: ['s'], keeps: 'log' });
    const hear = (delivery: Delivery) =>
      void got.push({ text: new TextDecoder().decode(delivery.bytes), delivery });
    const spec = { durable: 'd', filter: 's', settleMs: 1_000, atOnce: 1 };
    await one.streams.consume('S', spec, hear);
    await one.streams.publish('s', bytes('old'), { id: '1' });
    await until(() => got.length === 1, 'one has the old');
    await two.streams.consume('S', spec, hear);
    await kill();
    lose();
    await until(() => both.every(({ transport }) => !transport.connected), 'it is noticed');
    await revive();
    await until(() => both.every(({ transport }) => transport.connected), 'it is back');
    await two.streams.publish('s', bytes('new'), { id: '2' });
    await until(() => got.length >= 2, 'the new one is handed out');
    expect(got.slice(0, 2).map(({ text, delivery }) => [text, delivery.sequence])).toEqual([
      ['old', 1],
      ['new', 1],
    ]);
    got[0]?.delivery.done();
    await until(() => got.length >= 3, 'the new one is handed out again: nobody settled it');
    expect(got[2]?.text).toBe('new');
  });

  it('tells what its user may not do, and goes on', async () => {
    const { open } = await started([
      'authorization {',
      '  users = [',
      '    { user: "u", password: "swordfish", permissions: {',
      '      publish: { deny: ["secret.>"] }, subscribe: { deny: ["secret.>"] } } }',
      '  ]',
      '}',
    ]);
    const auth = { user: 'u', password: 'swordfish' };
    const { transport, services, metrics, log } = await open('one', { auth });
    const heard: string[] = [];
    transport.subscribe('secret.a', () => heard.push('secret'));
    transport.subscribe('open.a', () => heard.push('open'));
    transport.publish('secret.a', bytes('1'));
    transport.publish('secret.a', bytes('1'));
    const asked = services.ask('secret.ask', bytes('1'), { withinMs: 10_000 });
    await expect(asked).rejects.toMatchObject({ code: 'NATS_DENIED' });
    transport.publish('open.a', bytes('1'));
    await settled([transport]);
    expect(heard).toEqual(['open']);
    const denied = (operation: string) => metrics.value('nats_denied_total', { operation });
    expect([denied('subscription'), denied('publish')]).toEqual([1, 3]);
    expect(log.lines.filter(({ fields }) => fields.code === 'NATS_DENIED')).toHaveLength(3);
  });

  it('refuses wrong credentials in words that hold no secret', async () => {
    const { open, url } = await started(['authorization {', '  user: "u"', '  password: "right"', '}']);
    const wrong = await open('one', { auth: { user: 'u', password: 'swordfish' } }).catch((thrown) => thrown);
    expect(wrong).toMatchObject({ code: 'NATS_AUTH_REFUSED', retryable: false });
    const inUrl = url.replace('nats://', 'nats://u:swordfish@');
    const alsoWrong = await open('one', { servers: inUrl }).catch((thrown) => thrown);
    expect(alsoWrong).toMatchObject({ code: 'NATS_AUTH_REFUSED' });
    expect(JSON.stringify([wrong, alsoWrong, String(wrong), String(alsoWrong)])).not.toContain('swordfish');
    await open('one', { servers: url.replace('nats://', 'nats://u:right@') });
  });

  it('lets in who proves a key, and only that one', async () => {
    const [right, wrong] = [nkeys.createUser(), nkeys.createUser()];
    const seed = (key: typeof right) => new TextDecoder().decode(key.getSeed());
    const { open } = await started([
      'authorization {',
      `  users = [ { nkey: "${right.getPublicKey()}" } ]`,
      '}',
    ]);
    const { transport } = await open('one', { auth: { seed: seed(right) } });
    expect(transport.connected).toBe(true);
    const refused = { code: 'NATS_AUTH_REFUSED' };
    await expect(open('two', { auth: { seed: seed(wrong) } })).rejects.toMatchObject(refused);
    await expect(open('three')).rejects.toMatchObject(refused);
  });

  it('says that a server speaks no TLS, instead of going on without', async () => {
    const { open } = await started();
    await expect(open('one', { tls: {} })).rejects.toMatchObject({ code: 'NATS_TLS_REFUSED' });
  });

  it('answers stock clients with a number and a sentence', async () => {
    const { open, url } = await started();
    const { services } = await open('one');
    await services.serve({
      name: 'x',
      version: '1.0.0',
      description: 'x',
      endpoints: [{ name: 'x', subject: 'x', handle: () => Promise.reject(new Error('secret')) }],
    });
    const stock = await connect({ servers: url });
    const { headers } = await stock.request('x', bytes('1'), { timeout: 10_000 });
    expect([headers?.get('Nats-Service-Error-Code'), headers?.get('Nats-Service-Error')]).toEqual([
      '500',
      'SERVICE_FAILED: the service failed',
    ]);
    const stats = JSON.parse((await stock.request('$SRV.STATS.x', '', { timeout: 10_000 })).string());
    expect(stats.endpoints[0]).toMatchObject({ num_requests: 1, data: { errors: 1 } });
    await stock.close();
  });

  it('sheds nobody else when one client is slow: the others hear on', async () => {
    const { open } = await started();
    const [one, other] = [await open('one'), await open('other')];
    let heard = 0;
    other.transport.subscribe('n', () => heard++);
    await settled([one.transport, other.transport]);
    const large = new Uint8Array(64 * 1024);
    let sent = 0;
    for (let n = 0; n < 200; n++) if (one.transport.publish('n', large)) sent++;
    await until(() => heard === sent, 'all of it came');
    expect(sent).toBe(200);
  });
});
