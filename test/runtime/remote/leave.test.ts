import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { Tenure, worker } from '../../../runtime/index.ts';
import { readLease } from '../../../runtime/remote/lease-record.ts';
import { meanwhile, nodes } from './nodes.ts';
import { type SinkMessage, sink, upTo } from './sink.ts';

const start = async () => {
  const world = nodes();
  const heard: number[] = [];
  const b = await world.start('b', [worker(sink(heard))]);
  const a = await world.start('a', []);
  await world.clock.advance(1_000);
  const ref = a.system.ref<SinkMessage>('//b/esper/sink');
  const tell = (count: number) => upTo(count).map((n) => ref.send({ type: 'add', n }));
  return { ...world, heard, a, b, ref, tell };
};

describe('a node that stops in order', () => {
  it('still sends what was said last, and says goodbye then', async () => {
    const { clock, a, b, heard, tell } = await start();
    tell(500);
    await meanwhile(clock, a.system.stop());
    await clock.advance(50);

    expect(heard).toEqual(upTo(500));
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', state: 'down', left: true }]);
    expect(a.system.deadLetters.recent()).toEqual([]);
  });

  it('is told from one that fell by its lease, when nobody heard its goodbye', async () => {
    const { clock, broker, a, b } = await start();
    broker.partition('a', 'b');
    await meanwhile(clock, a.system.stop());
    await clock.advance(10_000);
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', state: 'down', left: true }]);
  });

  it('is not what a node that is killed looks like, and its next life has not left', async () => {
    const { clock, start: begin, a, b } = await start();
    a.crash();
    await clock.advance(20_000);
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', state: 'down', left: false }]);

    const again = await begin('a', [], { client: 'a2' });
    await clock.advance(1_000);
    await meanwhile(clock, again.system.stop());
    await begin('a', [], { client: 'a3' });
    await clock.advance(1_000);
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', state: 'up', left: false }]);
  });

  it('waits no longer than it has to when everything is receipted', async () => {
    const { clock, a } = await start();
    const began = clock.nowMs();
    await meanwhile(clock, a.system.stop());
    expect(clock.nowMs() - began).toBeLessThan(50);
  });

  it('gives up after a second, and what was not taken is a dead letter', async () => {
    const { clock, broker, a, tell } = await start();
    broker.partition('a', 'b');
    tell(3);
    const began = clock.nowMs();
    await meanwhile(clock, a.system.stop());
    const took = clock.nowMs() - began;

    expect(took).toBeGreaterThanOrEqual(1_000);
    expect(took).toBeLessThan(1_100);
    const dead = a.system.deadLetters.recent().map(({ reason, message }) => [reason, message]);
    expect(dead).toEqual(upTo(3).map((n) => ['node_down', { type: 'add', n }]));
  });

  it('says of every letter it had taken and has no room for that nobody will read it', async () => {
    const world = nodes();
    const full = { ...sink([]), mailbox: { capacity: 1, whenFull: 'refuse' as const } };
    const b = await world.start('b', [worker(full)]);
    const a = await world.start('a', []);
    await world.clock.advance(1_000);
    const ref = a.system.ref<SinkMessage>('//b/esper/sink');
    ref.ask({ type: 'never' }, { withinMs: 60_000 }).catch(() => {});
    for (const n of upTo(20)) ref.send({ type: 'add', n });
    await world.clock.advance(100);
    await meanwhile(world.clock, b.system.stop());

    const dead = b.system.deadLetters.recent().map(({ message }) => (message as { n?: number }).n);
    expect(dead.filter((n) => n !== undefined).sort((one, other) => one - other)).toEqual(upTo(20));
  });
});

describe('a lease that is released', () => {
  const tenure = () => {
    const clock = memoryClock();
    const broker = memoryBroker({ clock, random: randomStream(1), faults: { delayMs: [40, 40] } });
    const one = new Tenure({
      clock,
      random: randomStream(2),
      leases: broker.leases('one'),
      log: memoryLog(),
      key: 'k',
      name: 'k',
      holder: 'one',
      lifeMs: 6_000,
      hooks: { gained() {}, lost() {} },
    });
    const holder = () => {
      const [entry] = broker.leaseStore.entries();
      return entry === undefined ? undefined : readLease('k', entry.value).holder;
    };
    return { clock, one, holder };
  };

  it('is free at once though a renewal was under way', async () => {
    for (let ms = 900; ms < 1_200; ms += 10) {
      const { clock, one, holder } = tenure();
      one.start();
      await clock.advance(ms);
      expect(holder()).toBe('one');
      await meanwhile(clock, one.release());
      expect(holder()).toBe('');
    }
  });

  it('is free at once though it was being taken', async () => {
    for (let ms = 0; ms < 200; ms += 10) {
      const { clock, one, holder } = tenure();
      one.start();
      await clock.advance(ms);
      await meanwhile(clock, one.release());
      await clock.advance(500);
      expect(holder() ?? '').toBe('');
      expect(clock.armed).toBe(0);
    }
  });
});
