import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { LEASE_STORE, memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import {
  accept,
  type Clock,
  defineActor,
  Fence,
  type Held,
  singleton,
  Tenure,
} from '../../../runtime/index.ts';
import { nodes } from './nodes.ts';
import { upTo } from './sink.ts';

const LIFE_MS = 600;

/** A clock that runs a little too fast or too slow. */
const drifting = (clock: MemoryClock, rate: number): Clock => ({
  ...clock,
  nowMs: () => clock.nowMs() * rate,
  after: (delayMs, fire) => clock.after(delayMs / rate, fire),
});

/** Three candidates for one name, on clocks that drift, and roads to the store that come and go. */
async function schedule(seed: number) {
  const chance = randomStream(seed).split('schedule');
  const clock = memoryClock();
  const broker = memoryBroker({ clock, random: randomStream(seed), faults: { delayMs: [0, 40] } });
  const names = ['a', 'b', 'c'];
  const owners = new Map<string, Held>();
  const gains: { readonly name: string; readonly epoch: number }[] = [];
  const breaches: string[] = [];
  const look = () => {
    const acting = [...owners.values()].filter((held) => held.held());
    if (acting.length > 1) breaches.push(`${acting.length} owners at ${clock.nowMs()} ms`);
  };
  const tenures = names.map((name) => {
    const tenure = new Tenure({
      clock: drifting(clock, 0.9 + 0.2 * chance.next()),
      random: randomStream(seed).split(name),
      leases: broker.leases(name, 150),
      log: memoryLog(),
      key: 'esper.one.x',
      name: 'x',
      holder: name,
      lifeMs: LIFE_MS,
      hooks: {
        gained(held) {
          owners.set(name, held);
          gains.push({ name, epoch: held.epoch });
          look();
        },
        lost: () => void owners.delete(name),
      },
    });
    tenure.start();
    return tenure;
  });
  for (let step = 0; step < 16; step++) {
    const name = names[chance.below(3)] as string;
    const draw = chance.next();
    if (draw < 0.3) broker.partition(name, LEASE_STORE, { oneWay: chance.next() < 0.3 });
    else if (draw < 0.4) broker.partition(LEASE_STORE, name, { oneWay: true });
    else if (draw < 0.75) broker.heal(name, LEASE_STORE);
    else if (draw < 0.8) broker.restart(400 * chance.next());
    await clock.advance(300 * chance.next());
    look();
  }
  broker.heal();
  await clock.advance(4 * LIFE_MS);
  look();
  const acting = [...owners.values()].filter((held) => held.held());
  for (const tenure of tenures) tenure.abandon();
  return { gains, breaches, acting };
}

describe('a name that one may hold', () => {
  it('never has two acting owners, and every tenure a higher epoch, in 1,000 schedules of partitions', async () => {
    let handovers = 0;
    const outcomes = [];
    // Worlds that know nothing of each other can share the turns of the event loop.
    for (const batch of upTo(5))
      outcomes.push(...(await Promise.all(upTo(200).map((n) => schedule(200 * batch + n)))));
    for (const [seed, { gains, breaches, acting }] of outcomes.entries()) {
      const epochs = gains.map(({ epoch }) => epoch);
      expect(breaches, `seed ${seed}`).toEqual([]);
      expect(epochs, `seed ${seed}`).toEqual([...new Set(epochs)].sort((one, other) => one - other));
      expect(acting, `seed ${seed}`).toHaveLength(1);
      handovers += gains.filter(({ name }, i) => i > 0 && gains[i - 1]?.name !== name).length;
    }
    expect(handovers).toBeGreaterThan(500);
  }, 120_000);
});

interface Work {
  readonly node: string;
  readonly epoch: number;
}

/** A resource that all nodes reach, behind its fence. */
function fencedResource() {
  const fence = new Fence('ledger');
  const taken: Work[] = [];
  let refused = 0;
  const write = (work: Work) => {
    if (fence.refuses(work.epoch) === undefined) taken.push(work);
    else refused++;
  };
  return { taken, write, refused: () => refused };
}

describe('a singleton', () => {
  const start = async () => {
    const world = nodes();
    const resource = fencedResource();
    const running = new Set<string>();
    const clerk = (node: string) =>
      defineActor<Held, { readonly type: 'tick' }, never, Held>({
        name: 'clerk',
        fresh(cx, held) {
          running.add(node);
          cx.after(0, { type: 'tick' });
          return held;
        },
        decide: {
          tick: ({ epoch }, _message, cx) => {
            resource.write({ node, epoch });
            cx.after(100, { type: 'tick' });
            return accept();
          },
        },
        stopped: () => void running.delete(node),
      });
    const join = (name: string) =>
      world.start(name, (cluster) => [singleton(cluster, 'clerk', clerk(name), (held) => held)]);
    return { ...world, ...resource, running, join };
  };

  it('runs on one node, and on the next one when that is gone', async () => {
    const { clock, join, running, taken } = await start();
    const a = await join('a');
    await clock.advance(500);
    const b = await join('b');
    await clock.advance(5_000);
    expect([...running]).toEqual(['a']);
    expect(await Promise.all([b.cluster.holderOf('clerk'), clock.advance(50)])).toMatchObject([
      { node: 'a', epoch: 1 },
      undefined,
    ]);

    a.crash();
    void a.system.stop();
    await clock.advance(10_000);
    expect([...running]).toEqual(['b']);
    expect(taken.at(-1)).toEqual({ node: 'b', epoch: 2 });
  });

  it('is handed over at once when its node stops in order', async () => {
    const { clock, join, running } = await start();
    const a = await join('a');
    await clock.advance(500);
    await join('b');
    await clock.advance(1_000);
    void a.system.stop();
    await clock.advance(1_500);
    expect([...running]).toEqual(['b']);
  });

  it('is stopped by a holder that is cut off, before anybody else may start it', async () => {
    const { clock, broker, join, running, taken } = await start();
    await join('a');
    await clock.advance(500);
    await join('b');
    await clock.advance(1_000);
    broker.cut('a');
    await clock.advance(4_100);
    expect([...running]).toEqual([]);
    await clock.advance(4_000);
    expect([...running]).toEqual(['b']);
    broker.mend('a');
    await clock.advance(10_000);

    expect([...running]).toEqual(['b']);
    const epochs = taken.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...epochs].sort((one, other) => one - other));
  });
});

describe('a fence', () => {
  it('lets in the newest epoch and those that come after, and remembers', () => {
    const fence = new Fence('ledger', 3);
    expect(fence.refuses(2)).toEqual({
      refused: 'STALE_EPOCH',
      details: { name: 'ledger', epoch: 2, newest: 3 },
    });
    expect([fence.refuses(3), fence.refuses(5), fence.newest]).toEqual([undefined, undefined, 5]);
    expect(fence.refuses(4)).toMatchObject({ refused: 'STALE_EPOCH' });
  });
});
