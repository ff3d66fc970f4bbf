/** Ids, logs and metrics kept in memory, and what the printed log never prints. */
import { describe, expect, it } from 'vitest';
import { EsperError } from '../../../contracts/failure.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { nodeIds } from '../../../runtime/adapters/node/ids.ts';
import { redact } from '../../../runtime/adapters/pino/log.ts';

describe('ids', () => {
  it('count up for each prefix in a simulated run', () => {
    const ids = memoryIds();

    expect([ids.next('run'), ids.next('cell'), ids.next('run')]).toEqual(['run-1', 'cell-1', 'run-2']);
  });

  it('are unique, lower case and short in a real one', () => {
    const ids = nodeIds();
    const made = Array.from({ length: 200 }, () => ids.next('Run'));

    expect(new Set(made).size).toBe(200);
    for (const id of made) expect(id).toMatch(/^run-[0-9a-f]{20}$/);
    expect(() => ids.next('a-prefix-that-is-a-sentence')).toThrow();
  });
});

describe('memory log', () => {
  it('remembers lines with the fields carried, newest field winning', () => {
    const log = memoryLog();
    log.with({ actor: 'a', n: 1 }).with({ n: 2 }).write('warn', 'slow', { ms: 7 });

    expect(log.lines).toEqual([{ level: 'warn', text: 'slow', fields: { actor: 'a', n: 2, ms: 7 } }]);
  });
});

describe('memory metrics', () => {
  it('keeps series apart by label, whatever order the labels come in', () => {
    const metrics = memoryMetrics();
    metrics.count('x_total', 2, { a: '1', b: '2' });
    metrics.count('x_total', 1, { b: '2', a: '1' });
    metrics.count('x_total');
    metrics.gauge('depth', 5);
    metrics.gauge('depth', 3);

    expect(metrics.value('x_total', { a: '1', b: '2' })).toBe(3);
    expect(metrics.value('x_total')).toBe(1);
    expect(metrics.value('depth')).toBe(3);
    expect(metrics.value('never')).toBe(0);
    expect(metrics.snapshot().counters).toHaveLength(2);
  });

  it('counts every observation in one bucket and all above it', () => {
    const metrics = memoryMetrics();
    for (const seconds of [0.0005, 0.02, 99]) metrics.observe('step_seconds', seconds);
    metrics.observe('write_bytes', 1000);
    const [step, write] = metrics.snapshot().histograms;

    expect(step).toMatchObject({ name: 'step_seconds', count: 3 });
    expect(step?.sum).toBeCloseTo(99.0205);
    expect(step?.buckets.find(({ le }) => le === 0.0005)?.count).toBe(1);
    expect(step?.buckets.find(({ le }) => le === 0.025)?.count).toBe(2);
    expect(step?.buckets.at(-1)).toEqual({ le: Number.POSITIVE_INFINITY, count: 3 });
    expect(write?.buckets.find(({ count }) => count === 1)?.le).toBe(1024);
  });
});

describe('redaction', () => {
  it('strikes out secrets by key, however deep, and leaves the rest', () => {
    const fields = {
      password: 'p',
      dbPassword: 'p',
      nested: [{ accessToken: 't', apiKey: 'k', keep: 1 }],
      Authorization: 'Bearer x',
      clientSecretId: 's',
    };

    expect(redact(fields)).toEqual({
      password: '[redacted]',
      dbPassword: '[redacted]',
      nested: [{ accessToken: '[redacted]', apiKey: '[redacted]', keep: 1 }],
      Authorization: '[redacted]',
      clientSecretId: '[redacted]',
    });
  });

  it('strikes credentials out of addresses', () => {
    expect(redact({ url: 'postgres://esper:hunter2@db:5432/x' })).toEqual({
      url: 'postgres://[redacted]@db:5432/x',
    });
  });

  it('keeps the code and message of an error and survives a loop', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const error = new EsperError('X_BROKE', 'it broke', { token: 'abc' });

    expect(redact({ error })).toMatchObject({
      error: { code: 'X_BROKE', message: 'it broke', details: { token: '[redacted]' } },
    });
    expect(JSON.stringify(redact({ loop }))).toContain('[deep]');
  });
});
