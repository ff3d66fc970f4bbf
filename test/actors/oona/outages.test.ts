import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../actors/oona/outbox.ts';
import { Undeliverable } from '../../../actors/oona/undeliverable.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import type { BusMessage, Streams } from '../../../runtime/index.ts';
import { streamTooLarge } from '../../../runtime/ports/stream-errors.ts';
import { memoryCluster } from './worlds.ts';

const JOB = 'compilation.job';
const said = (n: number) => ({ type: 'said', v: 1, n });
const numberOf = ({ body }: BusMessage) => (body as unknown as { n: number }).n;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const into = (list: number[]) => (message: BusMessage) => void list.push(numberOf(message));

describe('what a broker said it had stored', () => {
  it('is stored again when its machine lost the last of it, and has its effect once', async () => {
    const { clock, broker, reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const [heard, late]: [number[], number[]] = [[], []];
    two.subscribe(JOB, into(heard), { queue: 'karn' });
    for (const n of upTo(20)) {
      one.publish(JOB, said(n));
      await clock.advance(200);
    }
    await reach(() => heard.length === 20);
    broker.restart(20_000, { losesMs: 2_000 });
    expect(broker.streamStore.entries('ESPER_JOBS').length).toBeLessThan(20);
    await clock.advance(40_000);
    two.subscribe(JOB, into(late), { queue: 'urza' });
    await reach(() => late.length >= 20);
    await clock.advance(10_000);

    expect(late.toSorted((a, b) => a - b)).toEqual(upTo(20));
    expect(heard).toEqual(upTo(20));
    expect(one.network()).toMatchObject({ waiting: 0, stored: 20, lost: 0 });
  });

  it('is not stored twice after an outage longer than the broker knows ids', async () => {
    const { clock, broker, reach, join } = memoryCluster();
    const one = await join('one');
    for (const n of upTo(5)) one.publish(JOB, said(n));
    await reach(() => one.network().waiting === 0);
    broker.restart(200_000);
    await clock.advance(230_000);

    expect(broker.streamStore.entries('ESPER_JOBS')).toHaveLength(5);
  });

  it('is waited for by whoever is about to leave, and no longer than agreed', async () => {
    const { clock, broker, join } = memoryCluster();
    const one = await join('one');
    one.publish(JOB, said(1));
    const stored = one.stored(5_000);
    await clock.advance(100);
    expect(await stored).toBe(0);

    broker.cut('one');
    one.publish(JOB, said(2));
    const inVain = one.stored(5_000);
    await clock.advance(5_000);
    expect(await inVain).toBe(1);
  });
});

describe('what no broker takes', () => {
  it('is given up aloud and holds up nothing behind it', async () => {
    const clock = memoryClock();
    const log = memoryLog();
    const stored: string[] = [];
    const lost: string[] = [];
    const publish: Streams['publish'] = async (subject, _, { id }) => {
      if (id.startsWith('big')) throw streamTooLarge(subject);
      return { sequence: 1, duplicate: false };
    };
    const streams = { publish } as Streams;
    const outbox = new Outbox(
      { streams, clock, log, metrics: memoryMetrics(), connected: () => true, ensure: async () => {} },
      { messages: 10, bytes: 1_000, atOnce: 2, retryMs: 100 },
    );
    for (const id of ['big-1', 'big-2', 'big-3', 'small']) {
      outbox.add({
        subject: 'a.b',
        id,
        bytes: new Uint8Array(10),
        stored: () => stored.push(id),
        lost: () => lost.push(id),
      });
    }
    await clock.advance(1_000);

    expect({ stored, lost }).toEqual({ stored: ['small'], lost: ['big-1', 'big-2', 'big-3'] });
    expect([outbox.size, outbox.bytes, outbox.counts]).toEqual([0, 0, { stored: 1, refused: 0, lost: 3 }]);
    expect(log.lines.filter(({ fields }) => fields.code === 'OONA_NOT_STORED')).toHaveLength(3);
  });

  it('does not come of a dead letter: the largest message finds room there, with a long reason', async () => {
    const { clock, reach, join } = memoryCluster({ maxBytes: 65_536 });
    const one = await join('one');
    one.subscribe(JOB, () => Promise.reject(new Undeliverable('€'.repeat(5_000))), { queue: 'karn' });
    const largest = { ...said(1), text: 'x'.repeat(65_536 - 8_192 - 100) };
    one.publish(JOB, largest);
    await reach(() => one.counters().dead === 1);
    const letters = one.deadLetterStore.list();
    await clock.advance(1_000);

    expect((await letters).map(({ letter }) => letter.body)).toEqual([largest]);
    expect(one.network()).toMatchObject({ waiting: 0, lost: 0 });
  });
});
