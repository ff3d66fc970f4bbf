import { describe, expect, it } from 'vitest';
import { encode } from '../../../contracts/codec.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { hmacSeal } from '../../../runtime/adapters/node/seal.ts';
import { worker } from '../../../runtime/index.ts';
import { SealedTransport } from '../../../runtime/remote/sealed-transport.ts';
import { nodes } from './nodes.ts';
import { type SinkMessage, sink } from './sink.ts';
import { transportContract } from './transport.contract.ts';

const secret = (byte: number) => new Uint8Array(32).fill(byte);
const bytes = new TextEncoder().encode('what one node says to another');

describe('a seal', () => {
  const seal = hmacSeal(secret(1));

  it('opens for whoever has the secret, and for nobody else', () => {
    const sealed = seal.seal('esper.beat', bytes);
    expect(sealed.length).toBe(bytes.length + seal.overhead);
    expect(hmacSeal(secret(1)).open('esper.beat', sealed)).toEqual(bytes);
    expect(hmacSeal(secret(2)).open('esper.beat', sealed)).toBeUndefined();
    expect(seal.open('other.beat', sealed)).toBeUndefined();
  });

  it('does not hold when any one bit is turned, or any byte is missing', () => {
    const sealed = seal.seal('s', bytes);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = sealed.slice();
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(seal.open('s', forged)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++)
      expect(seal.open('s', sealed.slice(0, length))).toBeUndefined();
  });

  it('takes the words of the old secret while the new one goes round', () => {
    const both = hmacSeal(secret(2), secret(1));
    expect(both.open('s', seal.seal('s', bytes))).toEqual(bytes);
    expect(hmacSeal(secret(2)).open('s', both.seal('s', bytes))).toEqual(bytes);
  });

  it('is not made of a secret that can be guessed', () => {
    expect(() => hmacSeal(new Uint8Array(15))).toThrow(/16 bytes/);
  });
});

describe('a sealed transport', () => {
  transportContract(async () => {
    const clock = memoryClock();
    const broker = memoryBroker({ clock, random: randomStream(1), maxBytes: 1_000 });
    const client = (name: string) =>
      new SealedTransport(broker.connect(name), hmacSeal(secret(3)), memoryMetrics());
    return {
      one: client('one'),
      other: client('other'),
      settle: () => clock.advance(50),
      down: () => {
        broker.restart(10_000);
        return clock.advance(1_000);
      },
      up: () => clock.advance(10_000),
      end: async () => {},
    };
  });
});

describe('nodes under a seal', () => {
  const start = async () => {
    const world = nodes();
    const seal = hmacSeal(secret(4));
    const heard: number[] = [];
    const said: { subject: string; bytes: Uint8Array }[] = [];
    const stranger = world.broker.connect('stranger');
    stranger.subscribe('esper.>', (bytes, subject) => said.push({ bytes, subject }));
    const b = await world.start('b', [worker(sink(heard))], { seal });
    const a = await world.start('a', [], { seal });
    await world.clock.advance(1_000);
    const refused = (code: string) => b.metrics.value('esper_remote_refused_total', { code });
    return { ...world, seal, stranger, said, heard, a, b, refused };
  };

  it('talk to each other', async () => {
    const { clock, a, heard } = await start();
    a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'add', n: 1 });
    await clock.advance(100);
    expect(heard).toEqual([1]);
  });

  it('cannot be shut out by a stranger who speaks in the name of one of them', async () => {
    const { clock, stranger, a, b, heard, refused } = await start();
    const beat = { v: 1, is: 'beat', from: 'a', count: 1, protocol: 'one', hears: [], inventory: {} };
    stranger.publish('esper.beat', encode({ ...beat, epoch: 1_000, leaving: false }));
    stranger.publish('esper.beat', encode({ ...beat, epoch: 1, leaving: true }));
    stranger.publish('esper.beat', hmacSeal(secret(5)).seal('esper.beat', encode({ ...beat, epoch: 9 })));
    stranger.publish('esper.to.b', new Uint8Array(5));
    await clock.advance(100);

    expect(refused('REMOTE_NOT_SEALED')).toBe(4);
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', epoch: 1, state: 'up' }]);
    a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'add', n: 2 });
    await clock.advance(100);
    expect(heard).toEqual([2]);
  });

  it('do nothing twice when all that was ever said is said again, and take the dead for dead', async () => {
    const { clock, stranger, said, a, b, heard } = await start();
    a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'add', n: 3 });
    await clock.advance(5_000);
    a.crash();
    const once = [...said];
    for (let second = 0; second < 30; second++) {
      for (const { subject, bytes } of once) stranger.publish(subject, bytes);
      await clock.advance(1_000);
    }
    expect(heard).toEqual([3]);
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', state: 'down' }]);
  });

  it('refuse the words of a life that is over', async () => {
    const { clock, start: join, stranger, said, seal, a, b, refused } = await start();
    const old = said.filter(({ subject }) => subject === 'esper.beat');
    a.crash();
    await join('a', [], { seal });
    await clock.advance(1_000);
    for (const { subject, bytes } of old) stranger.publish(subject, bytes);
    await clock.advance(100);
    expect(refused('STALE_EPOCH')).toBeGreaterThan(0);
    expect(b.cluster.peers()).toMatchObject([{ node: 'a', epoch: 2, state: 'up' }]);
  });
});
