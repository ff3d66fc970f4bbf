/** What a newcomer finds out before it takes anything: is its name free, and do all speak as it does? */
import { beforeEach, describe, expect, it } from 'vitest';
import { refuseOtherProtocol } from '../../../config/cluster/first-listen.ts';
import { refuseLiveName } from '../../../config/cluster/live-name.ts';
import { protocolHash } from '../../../config/cluster/protocol.ts';
import { encode } from '../../../contracts/codec.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryBroker, memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { packLease } from '../../../runtime/remote/lease-record.ts';

let clock: MemoryClock;
let broker: MemoryBroker;
beforeEach(() => {
  clock = memoryClock();
  broker = memoryBroker({ clock, random: randomStream(1) });
});

/** How it ended: the code it was refused with, or `free`. */
const outcome = (looking: Promise<void>) =>
  looking.then(
    () => 'free',
    (error: { code?: string }) => error.code,
  );

const beat = (from: string, protocol: string) =>
  encode({
    v: 1,
    is: 'beat',
    from,
    epoch: 1,
    count: 1,
    protocol,
    leaving: false,
    hears: [],
    inventory: { placement: { engine: 'esper 0.0.1 node 18' } },
  });

describe('a newcomer that listens', () => {
  const listen = (protocol: string) =>
    refuseOtherProtocol({
      transport: broker.connect('new'),
      clock,
      prefix: 'esper',
      name: 'new',
      protocol,
      forMs: 1_300,
    });

  it('is refused by the first beat in another protocol, which says what is there and here', async () => {
    const looking = listen('aaaa');
    const refused = expect(looking).rejects.toMatchObject({
      code: 'NODE_INCOMPATIBLE',
      details: { node: 'new', peer: 'old', theirs: 'esper 0.0.1 node 18' },
      hint: expect.stringContaining('same version'),
    });
    broker.connect('old').publish('esper.beat', beat('old', 'bbbb'));
    await clock.advance(100);
    await refused;
    expect(clock.armed).toBe(0);
  });

  it('goes on when all speak alike, whatever else is said on the subject', async () => {
    const looking = outcome(listen('aaaa'));
    const other = broker.connect('other');
    other.publish('esper.beat', beat('other', 'aaaa'));
    other.publish('esper.beat', new Uint8Array([1, 2, 3]));
    other.publish('esper.beat', beat('new', 'of an earlier life'));
    await clock.advance(1_400);

    expect(await looking).toBe('free');
  });
});

describe('a name', () => {
  const key = 'esper.node.forge';
  const lease = (holder: string, beats: number) =>
    packLease({ v: 1, holder, epoch: 3, beat: beats, lifeMs: 6_000 });
  const look = () =>
    outcome(refuseLiveName('forge', { leases: broker.leases('new'), clock, prefix: 'esper' }));

  it('is free when nobody ever had it, or let it go', async () => {
    const never = look();
    await clock.advance(100);
    expect(await never).toBe('free');

    const write = broker.leases('forge').put(key, lease('', 4), 0);
    await clock.advance(100);
    await write;
    const left = look();
    await clock.advance(100);
    expect(await left).toBe('free');
  });

  it('is taken while its lease is renewed, and free when it only was written once', async () => {
    const leases = broker.leases('forge');
    const first = leases.put(key, lease('forge/1', 4), 0);
    await clock.advance(100);
    const revision = (await first) as number;

    const dead = look();
    await clock.advance(4_000);
    expect(await dead).toBe('free');

    const live = look();
    await clock.advance(500);
    void leases.put(key, lease('forge/1', 5), revision);
    await clock.advance(4_000);
    expect(await live).toBe('NODE_NAME_LIVE');
  });
});

describe('the protocol', () => {
  it('is the same for the same messages and engine, and another for another engine', () => {
    expect(protocolHash()).toBe(protocolHash());
    expect(protocolHash()).toMatch(/^[0-9a-f]{16}$/);
    expect(protocolHash('another engine')).not.toBe(protocolHash());
  });
});
