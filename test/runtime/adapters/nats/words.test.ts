import { describe, expect, it } from 'vitest';
import { EsperError } from '../../../../contracts/failure.ts';
import { memoryClock } from '../../../../runtime/adapters/memory/clock.ts';
import { memoryLog } from '../../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../../runtime/adapters/memory/metrics.ts';
import { handedOut } from '../../../../runtime/adapters/nats/ack-subject.ts';
import { unfitness } from '../../../../runtime/adapters/nats/connect.ts';
import { clientOptions, type NatsOptions } from '../../../../runtime/adapters/nats/options.ts';
import { puback } from '../../../../runtime/adapters/nats/puback.ts';
import { answeredError, errorAnswer } from '../../../../runtime/adapters/nats/service-errors.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('what a server must be', () => {
  it.each([
    ['2.8.4', 'NATS_SERVER_TOO_OLD'],
    ['1.99.0', 'NATS_SERVER_TOO_OLD'],
    ['', 'NATS_SERVER_TOO_OLD'],
    ['2.9.0', undefined],
    ['2.10.27', undefined],
    ['3.0.0-beta.1', undefined],
  ])('%s: %s', (version, code) => {
    expect(unfitness(version, true)?.code).toBe(code);
  });

  it('keeps streams', () => {
    expect(unfitness('2.14.0', false)?.code).toBe('NATS_NO_JETSTREAM');
  });
});

describe('what a client says of itself', () => {
  const given = (more: Partial<NatsOptions>) =>
    clientOptions({
      servers: 'nats://h:1',
      name: 'n',
      clock: memoryClock(),
      log: memoryLog(),
      metrics: memoryMetrics(),
      ...more,
    });

  it('never gives up, and is answered where nobody else listens', () => {
    expect(given({ cluster: 'c' })).toMatchObject({ inboxPrefix: '_INBOX_c_n', maxReconnectAttempts: -1 });
    const auth = { user: 'u', password: 'p' };
    expect(given({ auth })).toMatchObject({ inboxPrefix: '_INBOX_esper_u', user: 'u', pass: 'p' });
  });

  it('takes several servers, default port and TLS from their addresses, and leaves credentials out of them', () => {
    const options = given({ servers: 'tls://u:p@a, b:5' });
    expect(options).toMatchObject({ servers: ['a:4222', 'b:5'], user: 'u', pass: 'p', tls: {} });
  });

  it('refuses names that would reach into other subjects', () => {
    const code = { code: 'NATS_OPTIONS_INVALID' };
    for (const bad of ['', 'a.b', '>', '*', 'a b', 'x'.repeat(65)]) {
      expect(() => given({ name: bad })).toThrow(expect.objectContaining(code));
      expect(() => given({ cluster: bad })).toThrow(expect.objectContaining(code));
    }
  });
});

describe('what a server writes', () => {
  it('into the reply subject of a message, with and without a domain', () => {
    const seen = { tries: 2, sequence: 7, storedMs: 1_700_000_000_000 };
    expect(handedOut('$JS.ACK.S.d.2.7.9.1700000000000000000.0')).toEqual(seen);
    expect(handedOut('$JS.ACK._.hash.S.d.2.7.9.1700000000000000000.0.x')).toEqual(seen);
  });

  it('is not believed when it is anything else', () => {
    for (const other of ['', 'a.b', '$JS.ACK.S.d.0.7.9.1.0', '$JS.ACK.S.d.x.7.9.1700000000000000000.0']) {
      expect(handedOut(other)).toBeUndefined();
    }
    for (const other of ['', 'null', '{}', '{"stream":"S","seq":0}', '{"error":{"code":503}}']) {
      expect(() => puback(bytes(other))).toThrow();
    }
    expect(puback(bytes('{"stream":"S","seq":3,"duplicate":true}'))).toMatchObject({
      seq: 3,
      duplicate: true,
    });
  });
});

describe('an error of a service', () => {
  it.each([
    ['UNIT_INVALID', false, 400],
    ['ADMIN_DENIED', false, 403],
    ['PLACEMENT_UNKNOWN_UNIT', false, 404],
    ['ADMIN_KEY_CONFLICT', false, 409],
    ['UNIT_BUSY', true, 503],
    ['UNIT_BROKEN', false, 500],
  ])('%s has a number that stock clients know', (code, retryable, status) => {
    expect(errorAnswer(new EsperError(code, 'm', {}, { retryable })).status).toBe(status);
  });

  it('fits into a header, and comes back whole', () => {
    const thrown = new EsperError('A_B', `x\r\nForged: 1 ${'y'.repeat(999)}`, { n: 1 }, { hint: 'h' });
    const { sentence, status, body } = errorAnswer(thrown);
    expect(sentence).toMatch(/^A_B: x Forged: 1 y+$/);
    expect(sentence.length).toBeLessThanOrEqual(300);
    const back = answeredError(String(status), sentence, body);
    expect(back).toMatchObject({ code: 'A_B', message: thrown.message, details: { n: 1 }, hint: 'h' });
  });

  it('keeps to itself what is not meant for others', () => {
    const { sentence, body } = errorAnswer(new Error('swordfish'));
    expect(sentence + new TextDecoder().decode(body)).not.toContain('swordfish');
  });

  it('is told in its own words when it comes from a stranger', () => {
    const told = answeredError('418', 'a teapot', bytes('{"code":1}'));
    expect(told).toMatchObject({ code: 'SERVICE_FAILED', message: 'the service answered 418: a teapot' });
  });
});
