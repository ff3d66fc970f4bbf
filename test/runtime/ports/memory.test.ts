import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryBroker, STREAM_STORE } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { lossesContract } from '../../actors/oona/losses.contract.ts';
import { artifactsContract } from '../artifacts/artifacts.contract.ts';
import { meanwhile } from '../remote/nodes.ts';
import { servicesContract } from './services.contract.ts';
import { streamsContract } from './streams.contract.ts';

function world() {
  const clock = memoryClock();
  const broker = memoryBroker({ clock, random: randomStream(1), faults: { delayMs: [1, 9] } });
  return {
    clock,
    broker,
    name: 'S1',
    during: <T>(work: Promise<T>) => meanwhile(clock, work),
    pass: (ms: number) => clock.advance(ms),
    async until(holds: () => boolean, what: string) {
      for (let tries = 0; !holds(); tries++) {
        if (tries > 1_000) throw new Error(`waited in vain: ${what}`);
        await clock.advance(10);
      }
    },
    down: async () => {
      broker.restart(5_000);
      await clock.advance(200);
    },
    up: () => clock.advance(5_000),
    end: async () => undefined,
  };
}

describe('streams in memory', () => {
  streamsContract(async () => {
    const made = world();
    return { ...made, one: made.broker.streams('one'), other: made.broker.streams('other') };
  });

  it('hands to another what a client that is gone had out', async () => {
    const { clock, broker, during, until } = world();
    const client = broker.connect('one');
    const [one, other] = [broker.streams('one'), broker.streams('other')];
    await during(one.ensure({ name: 'S', subjects: ['s'], keeps: 'work' }));
    const spec = { durable: 'd', filter: 's', settleMs: 500, atOnce: 4 };
    await during(one.consume('S', spec, () => undefined));
    await during(other.publish('s', Uint8Array.of(1), { id: '1' }));
    await clock.advance(50);
    client.close();
    const alive: number[] = [];
    await during(
      other.consume('S', spec, (delivery) => {
        alive.push(delivery.tries);
        delivery.done();
      }),
    );
    await until(() => alive.length === 1, 'the other has it');
    await clock.advance(2_000);
    expect([alive, broker.streamStore.entries('S')]).toEqual([[2], []]);
  });

  it('does not know whether a partition lost the question or the answer', async () => {
    const { broker, during } = world();
    const one = broker.streams('one');
    await during(one.ensure({ name: 'S', subjects: ['s'], keeps: 'log' }));
    broker.partition(STREAM_STORE, 'one', { oneWay: true });
    const lost = during(one.publish('s', Uint8Array.of(1), { id: 'x' }));
    await expect(lost).rejects.toMatchObject({ code: 'STREAMS_UNREACHABLE' });
    broker.heal();
    expect(await during(one.publish('s', Uint8Array.of(1), { id: 'x' }))).toMatchObject({ duplicate: true });
  });

  it('lets go of what is too old, message or id', async () => {
    const { clock, broker, during } = world();
    const one = broker.streams('one');
    const limits = { maxAgeMs: 10_000, sameIdMs: 1_000 };
    await during(one.ensure({ name: 'S', subjects: ['s'], keeps: 'log', ...limits }));
    const publish = () => during(one.publish('s', Uint8Array.of(1), { id: 'x' }));
    await publish();
    expect(await publish()).toMatchObject({ duplicate: true });
    await clock.advance(1_000);
    expect(await publish()).toEqual({ sequence: 2, duplicate: false });
    await clock.advance(10_000);
    expect(await during(one.size('S'))).toEqual({ messages: 0, bytes: 0 });
  });
});

describe('artifacts in memory', () => {
  artifactsContract(async () => {
    const made = world();
    return { ...made, one: made.broker.streams('one'), other: made.broker.streams('other') };
  });
});

describe('losses in memory', () => {
  lossesContract(async () => {
    const made = world();
    return { ...made, one: made.broker.streams('one'), other: made.broker.streams('other') };
  });
});

describe('services in memory', () => {
  servicesContract(async () => {
    const made = world();
    return { ...made, one: made.broker.services('one'), other: made.broker.services('other') };
  });

  it('is silent across a partition between asker and served, and gone with its client', async () => {
    const { broker, during } = world();
    const client = broker.connect('one');
    const endpoints = [{ name: 'a', subject: 'a', handle: async () => Uint8Array.of(1) }];
    await broker.services('one').serve({ name: 's', version: '1.0.0', description: 'd', endpoints });
    const ask = () => during(broker.services('other').ask('a', new Uint8Array(), { withinMs: 500 }));
    broker.partition('one', 'other');
    await expect(ask()).rejects.toMatchObject({ code: 'SERVICE_SILENT' });
    broker.heal();
    expect(await ask()).toEqual(Uint8Array.of(1));
    client.close();
    await expect(ask()).rejects.toMatchObject({ code: 'SERVICE_NOBODY' });
  });
});
