import { describe, expect, it } from 'vitest';
import { encode } from '../../../contracts/codec.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { worker } from '../../../runtime/index.ts';
import { packPacket } from '../../../runtime/remote/packet-form.ts';
import { nodes } from './nodes.ts';
import { type SinkMessage, sink, upTo } from './sink.ts';

const COUNT = 120;

/** Tells and asks go from a to b and from b to a while everything happens to the road that a seed can think of. */
async function underFire(seed: number) {
  const chance = randomStream(seed).split('faults');
  const faults = {
    delayMs: [1, 1 + 80 * chance.next()],
    dropRate: 0.3 * chance.next(),
    duplicateRate: 0.3 * chance.next(),
    reorderRate: chance.next(),
  } as const;
  const { clock, broker, start } = nodes(seed);
  const [atA, atB] = [[] as number[], [] as number[]];
  const a = await start('a', [worker(sink(atA))]);
  const b = await start('b', [worker(sink(atB))]);
  broker.setFaults(faults);
  const refs = [a.system.ref<SinkMessage>('//b/esper/sink'), b.system.ref<SinkMessage>('//a/esper/sink')];
  const answers: Promise<unknown>[] = [];
  for (const n of upTo(COUNT)) {
    for (const ref of refs) {
      if (n % 10 === 0) answers.push(ref.ask({ type: 'add', n }, { withinMs: 600_000 }));
      else expect(ref.send({ type: 'add', n })).toBe(true);
    }
    if (chance.next() < 0.2) await clock.advance(50 * chance.next());
    if (chance.next() < 0.03) broker.partition('a', 'b', { oneWay: chance.next() < 0.5 });
    if (chance.next() < 0.05) broker.heal();
    if (chance.next() < 0.02) broker.restart(500 * chance.next());
  }
  broker.heal();
  for (let turn = 0; turn < 60 && (atA.length < COUNT || atB.length < COUNT); turn++)
    await clock.advance(500);
  broker.setFaults({ dropRate: 0 });
  await clock.advance(6_000);
  const outboxes = [...a.cluster.peers(), ...b.cluster.peers()].map(({ outbox }) => outbox);
  a.crash();
  b.crash();
  return { atA, atB, outboxes, answers };
}

describe('what two nodes tell each other', () => {
  it.each(upTo(25))('arrives once and in order, whatever happens on the way (seed %i)', async (seed) => {
    const { atA, atB, outboxes, answers } = await underFire(seed);

    expect(atA).toEqual(upTo(COUNT));
    expect(atB).toEqual(upTo(COUNT));
    expect(outboxes).toEqual([0, 0]);
    const said = await Promise.all(answers);
    expect(said).toEqual(upTo(COUNT).flatMap((n) => (n % 10 === 0 ? [n, n] : [])));
  });

  it('costs no timer once both nodes are gone', async () => {
    const { clock, start } = nodes(3);
    const a = await start('a', []);
    const b = await start('b', []);
    await clock.advance(5_000);
    a.crash();
    b.crash();
    await clock.advance(1_000);
    expect(clock.armed).toBe(0);
  });
});

describe('a node that restarts', () => {
  it.each(upTo(15))(
    'gets nothing twice, and whatever it does not get is a dead letter (seed %i)',
    async (seed) => {
      const chance = randomStream(seed).split('restart');
      const { clock, broker, start } = nodes(seed);
      broker.setFaults({ delayMs: [1, 40], dropRate: 0.2, reorderRate: 0.5, duplicateRate: 0.2 });
      const heard: number[] = [];
      const a = await start('a', []);
      let b = await start('b', [worker(sink(heard))]);
      const ref = a.system.ref<SinkMessage>('//b/esper/sink');
      for (const n of upTo(300)) {
        ref.send({ type: 'add', n });
        if (chance.next() < 0.2) await clock.advance(20 * chance.next());
        if (n !== 100 && n !== 200) continue;
        b.crash();
        await clock.advance(1_000 * chance.next());
        b = await start('b', [worker(sink(heard))]);
      }
      await clock.advance(30_000);

      const dead = a.system.deadLetters
        .recent()
        .map(({ message }) => (message as unknown as { n: number }).n);
      expect(new Set(heard).size).toBe(heard.length);
      expect(heard).toEqual([...heard].sort((one, other) => one - other));
      expect([...new Set([...heard, ...dead])].sort((one, other) => one - other)).toEqual(upTo(300));
      expect(a.system.deadLetters.count('node_down')).toBe(dead.length);
      a.crash();
      b.crash();
    },
  );

  it('fails what was asked of its old life with NODE_DOWN, long before the deadline', async () => {
    const { clock, start } = nodes();
    const a = await start('a', []);
    const b = await start('b', [worker(sink([]))]);
    await clock.advance(100);
    const ref = a.system.ref<SinkMessage>('//b/esper/sink');
    const answer = ref.ask({ type: 'never' }, { withinMs: 600_000 }).then(String, (error) => error);
    await clock.advance(100);
    b.crash();
    await start('b', [worker(sink([]))]);
    await clock.advance(200);

    expect(await answer).toMatchObject({
      code: 'NODE_DOWN',
      retryable: true,
      details: { node: 'b', epoch: 1 },
    });
    expect(a.cluster.peers()).toMatchObject([{ node: 'b', epoch: 2, state: 'up' }]);
  });

  it('refuses what comes from, or is meant for, a life that is over', async () => {
    const { clock, broker, start } = nodes();
    const heard: number[] = [];
    const a = await start('a', []);
    const b = await start('b', [worker(sink([]))]);
    await clock.advance(100);
    broker.partition('a', 'b');
    a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'add', n: 1 });
    await clock.advance(50);
    b.crash();
    const again = await start('b', [worker(sink(heard))]);
    broker.heal();
    // What was sent to the old life is sent again by a, who has not heard of the new one yet.
    await clock.advance(2_000);

    expect(heard).toEqual([]);
    expect(a.system.deadLetters.count('node_down')).toBe(1);
    const stale = () => again.metrics.value('esper_remote_refused_total', { code: 'STALE_EPOCH' });
    const before = stale();
    const body = encode({ type: 'add', n: 2 });
    const text = { id: 'x', is: 'tell' as const, path: 'esper/sink', body };
    const letter = { seq: 1, leftMs: null, text };
    const whole = {
      from: 'a',
      epoch: 1,
      to: 'b',
      toEpoch: 1,
      ack: 0,
      beyond: 0,
      limit: 9,
    };
    broker.connect('ghost').publish('esper.to.b', packPacket({ ...whole, letters: [letter] }));
    await clock.advance(50);
    expect([heard, stale() - before]).toEqual([[], 1]);
  });
});

describe('a slow receiver', () => {
  it('pushes back: the outbox fills, the sender is refused, and what was taken is handled', async () => {
    const { clock, start } = nodes();
    const heard: number[] = [];
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      ...sink(heard, 'slow'),
      mailbox: { capacity: 8, whenFull: 'refuse' as const },
      decide: {
        ...sink(heard).decide,
        many: async () => {
          await gate;
          return { reply: 0, events: [] };
        },
      },
    };
    const quick: number[] = [];
    const limits = { outboxLetters: 100 };
    const a = await start('a', [], { limits });
    const b = await start('b', [worker(slow), worker(sink(quick, 'quick'))]);
    await clock.advance(100);
    const ref = a.system.ref<SinkMessage>('//b/esper/slow');
    ref.send({ type: 'many' });
    let taken = 0;
    for (let n = 0; n < 2_000; n++) {
      if (ref.send({ type: 'add', n })) taken++;
      if (n % 50 === 0) await clock.advance(20);
    }
    await clock.advance(500);

    expect(taken).toBeLessThan(1_300);
    expect(a.system.deadLetters.count('outbox_full')).toBe(2_000 - taken);
    expect(b.cluster.peers()[0]?.held).toBeLessThanOrEqual(1_024);
    expect(b.system.deadLetters.count()).toBe(0);
    const refusal = ref.ask({ type: 'many' }, { withinMs: 1_000 }).catch((error) => error);
    expect(await refusal).toMatchObject({ details: { refused: 'REMOTE_OUTBOX_FULL' } });

    release();
    await clock.advance(10_000);
    expect(heard).toHaveLength(taken);
    expect(heard).toEqual([...heard].sort((one, other) => one - other));
    expect(a.system.ref<SinkMessage>('//b/esper/quick').send({ type: 'add', n: 5 })).toBe(true);
    await clock.advance(100);
    expect(quick).toEqual([5]);
  });

  it('does not hold up its neighbours', async () => {
    const { clock, start } = nodes();
    const [slowly, quickly] = [[] as number[], [] as number[]];
    const narrow = { ...sink(slowly, 'slow'), mailbox: { capacity: 2, whenFull: 'refuse' as const } };
    const a = await start('a', []);
    await start('b', [worker(narrow), worker(sink(quickly, 'quick'))]);
    await clock.advance(100);
    const [slow, quick] = ['slow', 'quick'].map((id) => a.system.ref<SinkMessage>(`//b/esper/${id}`));
    slow?.send({ type: 'never' });
    for (const n of upTo(20)) slow?.send({ type: 'add', n });
    for (const n of upTo(20)) quick?.send({ type: 'add', n });
    await clock.advance(100);

    expect(slowly).toEqual([]);
    expect(quickly).toEqual(upTo(20));
  });
});
