import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type BrokerOptions, LEASE_STORE, memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { transportContract } from './transport.contract.ts';

describe('the memory broker as a transport', () => {
  transportContract(async () => {
    const { clock, broker, one, other } = pair();
    return {
      one,
      other,
      settle: () => clock.advance(50),
      async down() {
        broker.restart(1_000);
        await clock.advance(500);
      },
      up: () => clock.advance(1_000),
      async end() {
        one.close();
        other.close();
      },
    };
  });
});

function pair(options: Partial<BrokerOptions> = {}) {
  const clock = memoryClock();
  const broker = memoryBroker({ clock, random: randomStream(3), ...options });
  const [one, other] = [broker.connect('one'), broker.connect('other')];
  const heard: number[] = [];
  other.subscribe('n', (bytes) => heard.push(bytes[0] as number));
  const send = (...numbers: number[]) => numbers.map((n) => one.publish('n', Uint8Array.of(n)));
  return { clock, broker, one, other, heard, send };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('a memory broker', () => {
  it('drops, doubles and reorders by its rates, and counts all of it', async () => {
    const faults = { delayMs: [1, 40], dropRate: 0.2, duplicateRate: 0.2, reorderRate: 0.5 } as const;
    const { clock, broker, heard, send } = pair({ faults });
    send(...upTo(200));
    await clock.advance(100);

    expect(heard).not.toEqual([...heard].sort((a, b) => a - b));
    expect(new Set(heard).size).toBe(200 - broker.counts.dropped);
    expect(heard).toHaveLength(200 - broker.counts.dropped + broker.counts.duplicated);
    expect(broker.counts.dropped).toBeGreaterThan(20);
    expect(broker.counts.duplicated).toBeGreaterThan(20);
  });

  it('does the same again from the same seed', async () => {
    const run = async () => {
      const { clock, heard, send } = pair({
        faults: { delayMs: [1, 40], dropRate: 0.3, duplicateRate: 0.3, reorderRate: 1 },
      });
      send(...upTo(100));
      await clock.advance(100);
      return heard;
    };
    expect(await run()).toEqual(await run());
  });

  it('lets nothing through a partition, in one direction or in both, and loses what is under way', async () => {
    const { clock, broker, one, other, heard, send } = pair({ faults: { delayMs: [10, 10] } });
    const back: number[] = [];
    one.subscribe('back', (bytes) => back.push(bytes[0] as number));
    send(1);
    broker.partition('one', 'other', { oneWay: true });
    other.publish('back', Uint8Array.of(2));
    await clock.advance(20);
    expect([heard, back]).toEqual([[], [2]]);

    broker.partition('one', 'other');
    other.publish('back', Uint8Array.of(3));
    send(4);
    await clock.advance(20);
    broker.heal('one', 'other');
    send(5);
    await clock.advance(20);
    expect([heard, back]).toEqual([[5], [2]]);
  });

  it('loses silently what is published before the client has noticed an outage', async () => {
    const { clock, broker, heard, send } = pair();
    broker.restart(1_000);

    expect(send(1)).toEqual([true]);
    await clock.advance(200);
    expect(send(2)).toEqual([false]);
    await clock.advance(1_000);
    expect(send(3)).toEqual([true]);
    await clock.advance(10);
    expect(heard).toEqual([3]);
    expect(broker.counts.lostWhileDown).toBe(1);
  });

  it('cuts one client off and lets it back in', async () => {
    const { clock, broker, one, other, heard, send } = pair();
    broker.cut('other');
    send(1);
    await clock.advance(200);
    expect([one.connected, other.connected, heard]).toEqual([true, false, []]);

    broker.mend('other');
    await clock.advance(200);
    send(2);
    await clock.advance(10);
    expect([other.connected, heard]).toEqual([true, [2]]);
  });

  it('sheds what a slow client cannot take, and says how much', async () => {
    const { clock, broker, heard, send } = pair({ pendingLimit: 5 });
    broker.slow('other', 100);
    send(...upTo(20));
    await clock.advance(150);
    expect(heard).toEqual([0]);
    await clock.advance(1_000);
    expect(heard).toEqual([0, 1, 2, 3, 4]);
    expect(broker.counts.shedForSlow).toBe(15);
  });

  it('follows a script to the letter', async () => {
    const { clock, heard, send } = pair({
      script: ({ bytes }) => {
        if (bytes[0] === 1) return 'drop';
        if (bytes[0] === 2) return 'duplicate';
        return bytes[0] === 3 ? { delayMs: 500 } : undefined;
      },
    });
    send(0, 1, 2);
    await clock.advance(10);
    send(3);
    await clock.advance(10);
    expect(heard).toEqual([0, 2, 2]);
    await clock.advance(500);
    expect(heard).toEqual([0, 2, 2, 3]);
  });
});

describe('the lease store behind it', () => {
  const bytes = Uint8Array.of(7);

  it('writes only over the revision that was expected, so of two writers one wins', async () => {
    const { clock, broker } = pair({ faults: { delayMs: [1, 20] } });
    const [a, b] = [broker.leases('one'), broker.leases('other')];
    const first = Promise.all([a.put('k', bytes, 0), b.put('k', bytes, 0)]);
    await clock.advance(100);
    const won = (await first).filter((revision) => revision !== undefined);
    expect(won).toHaveLength(1);

    const entry = a.get('k');
    await clock.advance(100);
    expect(await entry).toMatchObject({ key: 'k', revision: won[0], value: bytes });
  });

  it('is out of reach behind a partition, and a write whose answer was lost has happened', async () => {
    const { clock, broker } = pair();
    const leases = broker.leases('one');
    broker.partition(LEASE_STORE, 'one', { oneWay: true });
    const lost = expect(leases.put('k', bytes, 0)).rejects.toMatchObject({
      code: 'LEASES_UNREACHABLE',
      retryable: true,
    });
    await clock.advance(2_000);
    await lost;
    expect(broker.leaseStore.entries()).toMatchObject([{ key: 'k' }]);
  });

  it('tells watchers of writes below their prefix', async () => {
    const { clock, broker } = pair();
    const told: string[] = [];
    const stop = broker.leases('other').watch('a.', ({ key }) => told.push(key));
    const leases = broker.leases('one');
    void leases.put('a.1', bytes, 0);
    void leases.put('b.1', bytes, 0);
    await clock.advance(10);
    stop();
    void leases.put('a.2', bytes, 0);
    await clock.advance(10);
    expect(told).toEqual(['a.1']);
  });
});
