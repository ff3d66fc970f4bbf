import { describe, expect, it } from 'vitest';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { serveThreadBus } from '../../../actors/oona/serve-thread-bus.ts';
import { ThreadBus } from '../../../actors/oona/thread-bus.ts';
import { encode, TOPICS } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { linkPair } from '../../../runtime/adapters/memory/threads.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { memoryCluster } from './worlds.ts';

const JOB = 'compilation.job';
const said = (n: number) => ({ type: 'said', v: 1, n });
const numberOf = ({ body }: BusMessage) => (body as unknown as { n: number }).n;
const never = () => new Promise<void>(() => {});

function inProcess(options: ConstructorParameters<typeof InProcessBus>[1] = {}) {
  const clock = memoryClock();
  return { clock, bus: new InProcessBus({ clock, ids: memoryIds() }, options) };
}

describe('a handler that hangs', () => {
  it('keeps neither its line nor its message: both go on after the time agreed', async () => {
    const { clock, bus } = inProcess({ handleMs: 1_000, tries: 2 });
    const heard: number[] = [];
    bus.subscribe('t', (message) => {
      heard.push(numberOf(message));
      return numberOf(message) === 1 ? never() : undefined;
    });
    bus.publish('t', said(1));
    bus.publish('t', said(2));
    await clock.advance(999);
    expect(heard).toEqual([1]);
    await clock.advance(5_000);

    expect(heard).toEqual([1, 2, 1]);
    expect(bus.counters()).toMatchObject({ published: 2, handled: 1, dead: 1, queued: 0 });
    expect(bus.deadLetters()[0]?.reason).toMatch(/^OONA_STUCK: /);
  });

  it('changes nothing when it answers after all', async () => {
    const { clock, bus } = inProcess({ handleMs: 1_000, tries: 2 });
    const answers: (() => void)[] = [];
    bus.subscribe('t', () => new Promise<void>((resolve) => void answers.push(resolve)));
    bus.publish('t', said(1));
    await clock.advance(1_500);
    expect(answers).toHaveLength(2);
    answers[0]?.();
    await clock.advance(100);
    expect(bus.counters()).toMatchObject({ handled: 0, queued: 1 });
    answers[1]?.();
    await clock.advance(100);
    expect(bus.counters()).toMatchObject({ handled: 1, queued: 0, dead: 0 });
  });

  it('loses what a broker keeps to another node', async () => {
    const { clock, reach, join } = memoryCluster();
    const [one, hung, other] = [
      await join('one'),
      await join('hung', { handleMs: 20_000 }),
      await join('other'),
    ];
    let taken = 0;
    const heard: number[] = [];
    const hang = () => {
      taken++;
      return never();
    };
    hung.subscribe(JOB, hang, { queue: 'karn', credits: 1 });
    await clock.advance(100);
    one.publish(JOB, said(1));
    await reach(() => taken === 1);
    other.subscribe(JOB, (message) => void heard.push(numberOf(message)), { queue: 'karn' });
    await clock.advance(19_000);
    expect(heard).toEqual([]);
    await reach(() => heard.length === 1);

    expect(hung.counters()).toMatchObject({ returned: taken, dead: 0 });
  });
});

describe('the news of a death', () => {
  it('is told however large the message was, and the line goes on', async () => {
    const { clock, bus } = inProcess({ maxBytes: 10_000, largestBytes: 10_000, tries: 1 });
    const news: unknown[] = [];
    const heard: number[] = [];
    bus.subscribe(TOPICS.messageDied, ({ body }) => void news.push(body));
    bus.subscribe('t', (message) => {
      heard.push(numberOf(message));
      throw new Error('x'.repeat(9_000));
    });
    bus.publish('t', { ...said(1), text: 'x'.repeat(9_900) } as never);
    bus.publish('t', said(2));
    await clock.advance(1_000);

    expect(heard).toEqual([1, 2]);
    expect(news).toMatchObject([{ body: null }, { body: said(2) }]);
  });
});

describe('what is said out of bounds', () => {
  it.each([
    [Number.NaN, 2],
    [-3, 0],
    [2.9, 2],
    [Number.POSITIVE_INFINITY, 4],
  ])('is brought back into them: priority %d is %d', async (priority, rank) => {
    const { clock, reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    two.subscribe(JOB, (message) => void heard.push(message.priority), { queue: 'karn' });
    one.publish(JOB, said(1), { priority, withinMs: Number.NaN });
    await reach(() => heard.length === 1);
    const { bus, clock: ours } = inProcess();
    bus.subscribe('t', (message) => void heard.push(message.priority));
    bus.publish('t', said(1), priority);
    await ours.advance(10);
    await clock.advance(10);

    expect(heard).toEqual([rank, rank]);
    expect(bus.counters()).toMatchObject({ handled: 1, queued: 0 });
  });

  it.each(['', ' ', 'a b', 'a\nb', 'ä', 'x'.repeat(129)])('is refused: the id %j', async (id) => {
    const one = await memoryCluster().join('one');
    for (const bus of [one, inProcess().bus])
      expect(() => bus.publish(JOB, said(1), { id })).toThrow(
        expect.objectContaining({ code: 'OONA_BAD_ID' }),
      );
  });

  it('is not taken for a repetition when only the id is the same and the topic is another', async () => {
    const { clock, reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: string[] = [];
    two.subscribe('compilation.>', ({ topic }) => void heard.push(topic), { queue: 'karn' });
    for (const topic of ['compilation.a', 'compilation.b', 'compilation.a'])
      one.publish(topic, said(1), { id: 'same' });
    await reach(() => heard.length === 2);
    await clock.advance(20_000);

    expect(heard.sort()).toEqual(['compilation.a', 'compilation.b']);
  });
});

describe('a thread', () => {
  function thread() {
    const clock = memoryClock();
    const log = memoryLog();
    const ports = { clock, ids: memoryIds(), log };
    const node = new InProcessBus(ports, { largestBytes: 1_000, handleMs: 2_000_000 });
    const { near, far } = linkPair(clock);
    serveThreadBus(near, node);
    return { clock, log, node, bus: new ThreadBus(far, ports) };
  }

  it('loses only what the bus will never carry, and says so', async () => {
    const { clock, log, node, bus } = thread();
    const heard: number[] = [];
    node.subscribe(JOB, (message) => void heard.push(numberOf(message)));
    bus.publish(JOB, said(1));
    bus.publish(JOB, { ...said(2), text: 'x'.repeat(2_000) } as never);
    bus.publish(JOB, said(3));
    await clock.advance(1_000);

    expect(heard).toEqual([1, 3]);
    expect(log.lines.map(({ fields }) => fields.code)).toEqual(['OONA_TOO_LARGE']);
  });

  it('says its last words when it is closed', async () => {
    const { clock, node, bus } = thread();
    const heard: number[] = [];
    node.subscribe(JOB, (message) => void heard.push(numberOf(message)));
    bus.publish(JOB, said(1));
    bus.close();
    await clock.advance(1_000);

    expect(heard).toEqual([1]);
  });

  it('hears nothing of what waited when it left', async () => {
    const { clock, bus, node } = thread();
    const heard: number[] = [];
    const finish: (() => void)[] = [];
    const leave = bus.subscribe(JOB, (message) => {
      heard.push(numberOf(message));
      return new Promise<void>((resolve) => void finish.push(resolve));
    });
    await clock.advance(10);
    for (const n of [1, 2, 3]) node.publish(JOB, said(n));
    await clock.advance(100);
    leave();
    finish[0]?.();
    await clock.advance(1_000);

    expect(heard).toEqual([1]);
  });

  it('does not do twice what it was handed twice because it waited long', async () => {
    const { clock, bus, node } = thread();
    const heard: number[] = [];
    const finish: (() => void)[] = [];
    bus.subscribe(JOB, (message) => {
      heard.push(numberOf(message));
      return new Promise<void>((resolve) => void finish.push(resolve));
    });
    await clock.advance(10);
    for (const n of [1, 2]) node.publish(JOB, said(n));
    await clock.advance(700_000);
    finish[0]?.();
    await clock.advance(1_000);
    finish[1]?.();
    await clock.advance(1_000);

    expect(heard).toEqual([1, 2]);
    expect(node.counters()).toMatchObject({ handled: 2, dead: 0, queued: 0 });
  });

  it('asks of a responder in a thread an answer that is a message', async () => {
    const { clock, bus, node } = thread();
    bus.respond('q', () => 'no message' as never);
    await clock.advance(10);
    const answer = node.request('q', said(1), { withinMs: 1_000 });
    const refused = expect(answer).rejects.toMatchObject({ code: 'OONA_NO_ANSWER' });
    await clock.advance(2_000);
    await refused;
  });
});

describe('what strangers say', () => {
  const parcel = (topic: string, count = 1) =>
    encode({
      v: 1,
      from: 'stranger',
      epoch: 1,
      topic,
      priority: 2,
      sentMs: 1,
      said: Array.from({ length: count }, (_, n) => ({ seq: n + 1, body: said(n) })),
    });

  it('is no question when it names another topic than it was asked on', async () => {
    const { clock, broker, join } = memoryCluster();
    const one = await join('one');
    const asked: string[] = [];
    one.respond('public.*', ({ topic, body }) => {
      asked.push(topic);
      return body;
    });
    await clock.advance(100);
    const ask = async (bytes: Uint8Array) => {
      const answer = broker.services('stranger').ask('esper.ask.public.x', bytes, { withinMs: 1_000 });
      const outcome = answer.then(() => 'answered').catch((thrown: { code: string }) => thrown.code);
      await clock.advance(2_000);
      return outcome;
    };
    broker.connect('stranger');

    expect(await ask(parcel('private.x'))).toBe('OONA_NO_ANSWER');
    expect(await ask(parcel('public.x', 2))).toBe('OONA_NO_ANSWER');
    expect(await ask(parcel('public.x'))).toBe('answered');
    expect(asked).toEqual(['public.x']);
  });

  it('is refused when several were kept as one, since only the first would be settled', async () => {
    const { clock, broker, metrics, join } = memoryCluster();
    const one = await join('one');
    const heard: number[] = [];
    one.subscribe(JOB, (message) => void heard.push(numberOf(message)), { queue: 'karn' });
    broker.connect('stranger');
    const stored = broker
      .streams('stranger')
      .publish(`esper.kept.p2.${JOB}`, parcel(JOB, 2), { id: 'two-in-one' });
    await clock.advance(1_000);
    await stored;

    expect(heard).toEqual([]);
    expect(metrics.value('esper_bus_refused_total', { why: 'contract' })).toBe(1);
  });

  it('hides no dead letter behind it', async () => {
    const { clock, broker, join } = memoryCluster();
    const one = await join('one');
    broker.connect('stranger');
    const streams = broker.streams('stranger');
    const noise = Array.from({ length: 5 }, (_, n) =>
      streams.publish('esper.dead.karn', new Uint8Array([n]), { id: `noise-${n}` }),
    );
    one.subscribe(JOB, () => Promise.reject(new Error('broken')), { queue: 'karn' });
    one.publish(JOB, said(1));
    await clock.advance(5_000);
    await Promise.all(noise);
    const replayed = one.deadLetterStore.replay('all', { most: 2 });
    await clock.advance(1_000);

    expect(await replayed).toBe(1);
  });

  it('is answered with a reason when the answer is too large to travel', async () => {
    const { clock, join } = memoryCluster({ maxBytes: 65_536 });
    const [one, two] = [await join('one'), await join('two')];
    two.respond('q', () => ({ ...said(1), text: 'x'.repeat(70_000) }) as never);
    await clock.advance(100);
    const refused = expect(one.request('q', said(1), { withinMs: 5_000 })).rejects.toMatchObject({
      code: 'OONA_TOO_LARGE',
    });
    await clock.advance(2_000);
    await refused;
  });

  it('is not waited for once the bus is closed', async () => {
    const { clock, bus } = inProcess();
    bus.respond('q', async () => {
      await never();
      return said(1);
    });
    const refused = expect(bus.request('q', said(1), { withinMs: 60_000 })).rejects.toMatchObject({
      code: 'OONA_NOBODY',
    });
    await clock.advance(10);
    bus.close();
    await refused;
  });
});
