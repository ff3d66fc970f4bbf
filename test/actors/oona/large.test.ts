import { describe, expect, it } from 'vitest';
import { serveThreadBus } from '../../../actors/oona/serve-thread-bus.ts';
import { ThreadBus } from '../../../actors/oona/thread-bus.ts';
import { ArtifactReferenced, TOPICS } from '../../../contracts/index.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { linkPair } from '../../../runtime/adapters/memory/threads.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { memoryCluster } from './worlds.ts';

const JOB = 'compilation.job';
const small = (n: number) => ({ type: 'said', v: 1, n });
const large = (n: number, bytes = 1_200_000) => ({ type: 'said', v: 1, n, text: `${n}`.repeat(bytes) });
const numberOf = ({ body }: BusMessage) => (body as unknown as { n: number }).n;

describe('a message larger than the bus carries', () => {
  it('reaches a queue and whoever listens live, whole, under its own id, and keeps its place', async () => {
    const { reach, join, broker } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const queued: BusMessage[] = [];
    const live: BusMessage[] = [];
    two.subscribe(JOB, (message) => void queued.push(message), { queue: 'urza' });
    two.subscribe(JOB, (message) => void live.push(message));
    for (const n of [1, 2, 3]) {
      one.publish(JOB, small(10 * n));
      one.publish(JOB, large(n), { id: `kernel-${n}` });
    }
    one.publish(JOB, small(40));
    await reach(() => queued.length === 7 && live.length === 7);

    const order = [10, 1, 20, 2, 30, 3, 40];
    expect([queued.map(numberOf), live.map(numberOf)]).toEqual([order, order]);
    expect(queued[1]).toEqual({ topic: JOB, priority: 2, id: 'kernel-1', body: large(1) });
    expect(broker.streamStore.entries('ESPER_JOBS').every(({ bytes }) => bytes.length < 1_000)).toBe(true);
  });

  it('waits for nobody when it is urgent and the large one is not', async () => {
    const { reach, join } = memoryCluster({ faults: { delayMs: [5, 5] } });
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    one.publish(JOB, large(1));
    one.publish(JOB, small(2), 1);
    await reach(() => one.network().waiting === 0);
    two.subscribe(JOB, (message) => void heard.push(numberOf(message)), { queue: 'urza' });
    await reach(() => heard.length === 2);

    expect(heard).toEqual([2, 1]);
  });

  it('survives an outage of the broker whose machine lost what it stored last', async () => {
    const { clock, broker, reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    one.publish(JOB, large(1));
    await reach(() => one.network().waiting === 0);
    broker.restart(2_000, { losesMs: 5_000 });
    await clock.advance(500);
    expect(one.publish(JOB, large(2))).toBe(true);
    expect(one.publish(JOB, small(3))).toBe(true);
    await clock.advance(5_000);
    two.subscribe(JOB, (message) => void heard.push(numberOf(message)), { queue: 'urza' });
    await reach(() => heard.length === 3);
    await clock.advance(20_000);

    expect(heard).toEqual([1, 2, 3]);
    expect(one.network()).toMatchObject({ waiting: 0, lost: 0 });
  });

  it('takes its bytes of the outbox, and is refused aloud beyond 8 MiB or on a topic that keeps nothing', async () => {
    const { join, broker } = memoryCluster();
    const one = await join('one', { outboxBytes: 2_000_000 });
    broker.cut('one');
    expect(one.publish(JOB, large(1))).toBe(true);
    expect(one.publish(JOB, large(2))).toBe(false);
    expect(one.publish(JOB, small(3))).toBe(true);
    const refused = expect.objectContaining({ code: 'OONA_TOO_LARGE' });
    expect(() => one.publish(JOB, large(4, 9 * 2 ** 20))).toThrow(refused);
    // Text that is longer as bytes than as letters.
    expect(() => one.publish(JOB, { type: 'said', v: 1, text: '€'.repeat(3 * 2 ** 20) } as never)).toThrow(
      refused,
    );
    expect(() => one.publish('system.test', large(5))).toThrow(refused);
  });

  it('crosses from thread to thread over two nodes', async () => {
    const { clock, reach, join } = memoryCluster();
    const ports = { clock, ids: memoryIds(), log: memoryLog() };
    const thread = async (node: string) => {
      const { near, far } = linkPair(clock);
      serveThreadBus(near, await join(node));
      return new ThreadBus(far, ports);
    };
    const [tezzeret, urza] = [await thread('one'), await thread('two')];
    const heard: unknown[] = [];
    urza.subscribe(JOB, ({ body }) => void heard.push(body), { queue: 'urza' });
    tezzeret.publish(JOB, large(7));
    await reach(() => heard.length === 1);

    expect(heard).toEqual([large(7)]);
  });
});

describe('what cannot be fetched', () => {
  const purged = async () => {
    const world = memoryCluster();
    const { join, broker, clock, reach } = world;
    const [one, two] = [await join('one'), await join('two')];
    one.publish(JOB, large(1), { id: 'kernel-1' });
    one.publish(JOB, small(2));
    await reach(() => one.network().waiting === 0);
    const streams = broker.streams('hand');
    const purge = streams.purge('ESPER_ARTIFACTS');
    await clock.advance(100);
    await purge;
    const heard: number[] = [];
    const hear = (message: BusMessage) => void heard.push(numberOf(message));
    return { ...world, one, two, streams, heard, hear };
  };

  it('holds up nothing, and is handed over when it comes', async () => {
    const { two, one, clock, reach, heard, hear } = await purged();
    two.subscribe(JOB, hear, { queue: 'urza' });
    await clock.advance(3_000);
    expect(heard).toEqual([2]);
    one.publish('compilation.else', large(1));
    await reach(() => heard.length === 2);

    expect(heard).toEqual([2, 1]);
  });

  it('is a dead letter in the end, with a reference that can be tried again', async () => {
    const { two, one, clock, reach, heard, hear, metrics } = await purged();
    two.subscribe(JOB, hear, { queue: 'urza' });
    await reach(() => metrics.value('esper_bus_dead_total', { queue: 'urza' }) === 1);
    await clock.advance(1_000);
    const listed = two.deadLetterStore.list();
    await clock.advance(1_000);
    const [letter] = await listed;
    expect(letter?.letter).toMatchObject({
      id: 'kernel-1',
      tries: 10,
      body: { type: ArtifactReferenced.type },
    });

    one.publish('compilation.else', large(1));
    await clock.advance(1_000);
    const replayed = two.deadLetterStore.replay(letter?.place ?? 0);
    await reach(() => heard.length === 2);
    expect([heard, await replayed]).toEqual([[2, 1], 1]);
  });

  it('is a dead letter at once when it is not what its reference says', async () => {
    const { two, one, broker, clock, reach, heard, hear, streams, metrics } = await purged();
    one.publish('compilation.else', large(1));
    await reach(() => one.network().waiting === 0);
    const [first] = broker.streamStore.entries('ESPER_ARTIFACTS');
    const other = (first?.bytes ?? new Uint8Array()).map((byte) => byte ^ 1);
    const forged = streams.publish(first?.subject ?? '', other, { id: 'forged' });
    await clock.advance(100);
    await forged;
    two.subscribe(JOB, hear, { queue: 'urza' });
    await reach(() => metrics.value('esper_bus_dead_total', { queue: 'urza' }) === 1);
    const listed = two.deadLetterStore.list();
    await clock.advance(1_000);

    expect((await listed).map(({ letter }) => letter.reason)).toEqual([
      expect.stringMatching(/^ARTIFACT_DAMAGED/),
    ]);
    expect(heard).toEqual([2]);
  });

  it('is counted when it was heard live', async () => {
    const { two, reach, metrics, log, one, broker, clock, streams } = await purged();
    two.subscribe(JOB, () => undefined);
    one.publish('compilation.else', large(1));
    await reach(() => one.network().waiting === 0);
    const [kept] = broker.streamStore.entries('ESPER_JOBS');
    const purge = streams.purge('ESPER_ARTIFACTS');
    await clock.advance(100);
    await purge;
    broker.connect('stranger').publish('esper.bus.p2.compilation.job', kept?.bytes ?? new Uint8Array());
    await reach(() => metrics.value('esper_bus_refused_total', { why: 'artifact' }) === 1);
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { code: 'ARTIFACT_MISSING' } });
  });
});

describe('a large message that nobody can handle', () => {
  it('is a dead letter by reference, and its death is told with its body', async () => {
    const { clock, reach, join } = memoryCluster();
    const one = await join('one');
    const news: unknown[] = [];
    one.subscribe(TOPICS.messageDied, ({ body }) => void news.push(body), { queue: 'nissa' });
    one.subscribe(JOB, () => Promise.reject(new Error('no')), { queue: 'urza' });
    one.publish(JOB, large(1));
    await reach(() => news.length === 1);
    const listed = one.deadLetterStore.list();
    await clock.advance(1_000);

    expect(news).toMatchObject([{ topic: JOB, body: large(1) }]);
    expect((await listed).map(({ letter }) => letter.body.type)).toEqual([ArtifactReferenced.type]);
    expect(one.network().lost).toBe(0);
  });
});
