import { describe, expect, it } from 'vitest';
import { encode } from '../../../contracts/index.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { memoryCluster } from './worlds.ts';

const JOB = 'compilation.job';
const said = (n: number) => ({ type: 'said', v: 1, n });
const numberOf = ({ body }: BusMessage) => (body as unknown as { n: number }).n;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const into = (list: number[]) => (message: BusMessage) => void list.push(numberOf(message));

describe('what is critical', () => {
  it('waits for a queue that nobody has joined yet', async () => {
    const { clock, reach, join } = memoryCluster();
    const one = await join('one');
    for (const n of upTo(20)) expect(one.publish(JOB, said(n))).toBe(true);
    await clock.advance(5_000);
    const other = await join('other');
    const heard: number[] = [];
    other.subscribe(JOB, into(heard), { queue: 'karn' });
    await reach(() => heard.length === 20);

    expect(heard).toEqual(upTo(20));
  });

  it('waits while a unit is moved, and is handled once where it is then', async () => {
    const { reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    const leave = one.subscribe(JOB, into(heard), { queue: 'karn' });
    for (const n of upTo(10)) one.publish(JOB, said(n));
    await reach(() => heard.length === 10);
    leave();
    for (const n of upTo(10)) one.publish(JOB, said(10 + n));
    await reach(() => one.network().waiting === 0);
    two.subscribe(JOB, into(heard), { queue: 'karn' });
    await reach(() => heard.length >= 20);

    expect(heard).toEqual(upTo(20));
  });

  it('goes to each queue of the same topic, and live to those without one', async () => {
    const { reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard = { karn: [] as number[], urza: [] as number[], live: [] as number[] };
    two.subscribe(JOB, into(heard.karn), { queue: 'karn' });
    two.subscribe('compilation.*', into(heard.urza), { queue: 'urza' });
    two.subscribe(JOB, into(heard.live));
    for (const n of upTo(5)) one.publish(JOB, said(n));
    await reach(() => heard.karn.length + heard.urza.length + heard.live.length === 15);

    expect(heard).toEqual({ karn: upTo(5), urza: upTo(5), live: upTo(5) });
  });

  it('goes to another node when the one that had it is gone', async () => {
    const { clock, broker, reach, join } = memoryCluster();
    const [one, dying, heir] = [await join('one'), await join('dying'), await join('heir')];
    const taken: number[] = [];
    const heard: number[] = [];
    const stuck = (message: BusMessage) => {
      taken.push(numberOf(message));
      return new Promise<void>(() => {});
    };
    dying.subscribe(JOB, stuck, { queue: 'karn', credits: 4, atOnce: 4 });
    await clock.advance(100);
    for (const n of upTo(4)) one.publish(JOB, said(n));
    await reach(() => taken.length === 4);
    broker.cut('dying');
    heir.subscribe(JOB, into(heard), { queue: 'karn' });
    await clock.advance(1_000);
    expect(heard).toEqual([]);
    await clock.advance(9_000);

    expect(heard.sort()).toEqual(upTo(4));
  });

  it('is not given to others while somebody is slow over it', async () => {
    const { clock, reach, join } = memoryCluster();
    const [one, slow, other] = [await join('one'), await join('slow'), await join('other')];
    let taken = 0;
    let finish = () => {};
    const stuck = () => {
      taken++;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const heard: number[] = [];
    slow.subscribe(JOB, stuck, { queue: 'karn', credits: 1 });
    await clock.advance(100);
    one.publish(JOB, said(1));
    await reach(() => taken === 1);
    other.subscribe(JOB, into(heard), { queue: 'karn', credits: 1 });
    await clock.advance(60_000);
    finish();
    await clock.advance(60_000);

    expect({ taken, heard }).toEqual({ taken: 1, heard: [] });
  });

  it('pushes back: a slow reader has no more than its credits', async () => {
    const { clock, reach, join } = memoryCluster();
    const [one, slow] = [await join('one'), await join('slow')];
    slow.subscribe(JOB, () => new Promise<void>(() => {}), { queue: 'karn', credits: 3 });
    for (const n of upTo(50)) one.publish(JOB, said(n));
    await reach(() => one.network().waiting === 0);
    await clock.advance(20_000);

    expect(slow.counters()).toMatchObject({ published: 3, queued: 3, shed: 0 });
  });

  it.each([1_000, 10_000, 60_000])(
    'survives %i ms without a broker: all of it, once, in order',
    async (downMs) => {
      const { clock, broker, reach, join } = memoryCluster();
      const [one, two] = [await join('one'), await join('two')];
      const heard: number[] = [];
      two.subscribe(JOB, into(heard), { queue: 'karn' });
      let next = 0;
      const load = async (ms: number) => {
        for (let passed = 0; passed < ms; passed += 100) {
          for (let i = 0; i < 5; i++) expect(one.publish(JOB, said(next++))).toBe(true);
          await clock.advance(100);
        }
      };
      await load(1_000);
      broker.restart(downMs);
      await load(downMs + 1_000);
      await reach(() => heard.length >= next);
      await clock.advance(30_000);

      expect(heard).toEqual(upTo(next));
      expect(one.network()).toMatchObject({ waiting: 0, refused: 0, stored: next });
    },
  );

  it('is refused aloud when the outbox is full, and goes on when there is room', async () => {
    const { clock, broker, reach, join } = memoryCluster();
    const one = await join('one', { outboxMessages: 10 });
    const two = await join('two');
    const heard: number[] = [];
    two.subscribe(JOB, into(heard), { queue: 'karn' });
    await clock.advance(100);
    broker.restart(5_000);
    await clock.advance(500);
    const taken = upTo(30).filter((n) => one.publish(JOB, said(n)));
    expect(taken).toEqual(upTo(10));
    expect(one.network()).toMatchObject({ waiting: 10, refused: 20 });
    await reach(() => heard.length === 10);

    expect(one.publish(JOB, said(99))).toBe(true);
    await reach(() => heard.includes(99));
    expect(heard).toEqual([...upTo(10), 99]);
  });

  it('has its effect once, however often it is said under one id', async () => {
    const { clock, reach, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    two.subscribe(JOB, into(heard), { queue: 'karn' });
    for (let i = 0; i < 5; i++) one.publish(JOB, said(1), { id: 'same' });
    await reach(() => heard.length > 0);
    // Longer than the broker remembers ids: then the reader must.
    await clock.advance(200_000);
    one.publish(JOB, said(1), { id: 'same' });
    await clock.advance(5_000);

    expect(heard).toEqual([1]);
  });

  it('is let go when it waited in the broker longer than anybody wants it', async () => {
    const { clock, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    one.publish(JOB, said(1), { withinMs: 1_000 });
    one.publish(JOB, said(2));
    await clock.advance(5_000);
    const heard: number[] = [];
    two.subscribe(JOB, into(heard), { queue: 'karn' });
    await clock.advance(1_000);

    expect(heard).toEqual([2]);
    expect(two.counters()).toMatchObject({ stale: 1, handled: 1 });
  });
});

describe('a dead letter of the cluster', () => {
  const open = async () => {
    const cluster = memoryCluster();
    const [one, two] = [await cluster.join('one'), await cluster.join('two')];
    const state = { broken: true };
    const karn: number[] = [];
    const urza: number[] = [];
    two.subscribe(
      JOB,
      (message) => {
        if (state.broken) throw new Error('broken');
        karn.push(numberOf(message));
      },
      { queue: 'karn' },
    );
    two.subscribe(JOB, into(urza), { queue: 'urza' });
    for (const n of upTo(3)) one.publish(JOB, said(n), { id: `job-${n}` });
    await cluster.reach(() => two.counters().dead === 3);
    await cluster.clock.advance(1_000);
    const answer = async <T>(asked: Promise<T>): Promise<T> => {
      await cluster.clock.advance(1_000);
      return asked;
    };
    return { ...cluster, store: one.deadLetterStore, two, state, karn, urza, answer };
  };

  it('is kept with its reason, and is not handed out again', async () => {
    const { store, two, answer, clock } = await open();
    const letters = await answer(store.list());

    expect(letters.map(({ letter }) => letter)).toEqual(
      upTo(3).map((n) =>
        expect.objectContaining({
          id: `job-${n}`,
          queue: 'karn',
          tries: 3,
          reason: 'UNEXPECTED: broken',
          node: 'two',
        }),
      ),
    );
    expect(await answer(store.inspect(letters[1]?.place ?? 0))).toEqual(letters[1]);
    expect(await answer(store.inspect(999))).toBeUndefined();
    await clock.advance(60_000);
    expect(two.counters().dead).toBe(3);
  });

  it('is tried again under its own id by the queue it was for, and by no other', async () => {
    const { store, state, karn, urza, answer, clock } = await open();
    state.broken = false;
    const [first] = await answer(store.list());
    expect(await answer(store.replay(first?.place ?? 0))).toBe(1);
    expect(await answer(store.replay('all', { most: 1 }))).toBe(1);
    await clock.advance(5_000);

    expect({ karn, urza }).toEqual({ karn: [0, 1], urza: upTo(3) });
    expect((await answer(store.list())).map(({ letter }) => letter.id)).toEqual(['job-2']);
    expect(await answer(store.purge())).toBe(1);
    expect(await answer(store.list())).toEqual([]);
  });
});

describe('what is not kept', () => {
  it('is dropped without a connection, refused to the publisher, and counted by class', async () => {
    const { clock, broker, metrics, join } = memoryCluster();
    const one = await join('one');
    broker.cut('one');
    await clock.advance(500);
    const taken = upTo(10).filter(
      () => one.publish('telemetry.x', said(1)) || one.publish('system.x', said(1)),
    );

    expect(taken).toEqual([]);
    expect(one.network().dropped).toEqual({ critical: 0, plain: 10, telemetry: 10 });
    const labels = { class: 'telemetry', why: 'disconnected' };
    expect(metrics.value('esper_bus_dropped_total', labels)).toBe(10);
  });

  it('travels together, an emergency alone and at once', async () => {
    const { clock, broker, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    two.subscribe('telemetry.x', into(heard));
    two.subscribe('system.x', into(heard));
    const before = broker.counts.published;
    for (const n of upTo(250)) one.publish('telemetry.x', said(n));
    expect(broker.counts.published - before).toBe(2);
    one.publish('system.x', said(999), 0);
    expect(broker.counts.published - before).toBe(3);
    await clock.advance(50);

    expect(broker.counts.published - before).toBe(4);
    expect(heard.toSorted((a, b) => a - b)).toEqual([...upTo(250), 999]);
  });

  it('loses only what is no data', async () => {
    const { clock, join } = memoryCluster();
    const [one, two] = [await join('one'), await join('two')];
    const heard: number[] = [];
    two.subscribe('system.x', into(heard));
    one.publish('system.x', said(1));
    one.publish('system.x', { ...said(2), hook: () => 1 } as never);
    one.publish('system.x', said(3));
    await clock.advance(100);

    expect(heard).toEqual([1, 3]);
    expect(one.network().dropped.plain).toBe(1);
  });
});

describe('what strangers put on the wire', () => {
  const parcel = {
    v: 1,
    from: 'stranger',
    epoch: 1,
    topic: 'system.x',
    priority: 2,
    sentMs: 1,
    said: [{ seq: 1, body: said(1) }],
  };
  const utf8 = new TextEncoder();

  it.each([
    ['noise', utf8.encode('noise'), 'malformed'],
    ['nothing', new Uint8Array(), 'malformed'],
    ['half of it', encode(parcel).subarray(0, 40), 'malformed'],
    ['another version', encode({ ...parcel, v: 2 }), 'version'],
    ['no body', encode({ ...parcel, said: [{ seq: 1 }] }), 'contract'],
    ['a field too many', encode({ ...parcel, extra: 1 }), 'contract'],
    [
      'too many at once',
      encode({ ...parcel, said: upTo(101).map((seq) => ({ seq: seq + 1, body: said(1) })) }),
      'contract',
    ],
    ['another subject', encode({ ...parcel, topic: 'system.y' }), 'subject'],
    ['a forbidden key', forbidden(), 'malformed'],
  ])('is counted and goes no further: %s', async (_, bytes, why) => {
    const { clock, broker, metrics, join } = memoryCluster();
    const two = await join('two');
    const heard: number[] = [];
    two.subscribe('system.x', into(heard));
    const stranger = broker.connect('stranger');
    stranger.publish('esper.bus.p2.system.x', bytes);
    stranger.publish('esper.bus.p2.system.x', encode(parcel));
    await clock.advance(100);

    expect(heard).toEqual([1]);
    expect(metrics.value('esper_bus_refused_total', { why })).toBe(1);
  });

  it('is taken out of what is kept, so that it is not handed out for ever', async () => {
    const { clock, broker, metrics, reach, join } = memoryCluster();
    const two = await join('two');
    const heard: number[] = [];
    two.subscribe(JOB, into(heard), { queue: 'karn' });
    const stored = broker
      .streams('stranger')
      .publish(`esper.kept.p2.${JOB}`, utf8.encode('noise'), { id: 'bad' });
    await clock.advance(100);
    await stored;
    two.publish(JOB, said(1));
    await reach(() => heard.length === 1);
    await clock.advance(60_000);

    expect(metrics.value('esper_bus_refused_total', { why: 'malformed' })).toBe(1);
  });

  /** A map whose key would reach into every object. */
  function forbidden(): Uint8Array {
    const bytes = encode({ ...parcel, said: [{ seq: 1, body: { ...said(1), xxproto__: 1 } }] });
    const at = Buffer.from(bytes).indexOf('xxproto__');
    bytes.set(utf8.encode('__proto__'), at);
    return bytes;
  }
});
