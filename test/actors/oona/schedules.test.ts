import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkBus } from '../../../actors/oona/network-bus.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { memoryCluster } from './worlds.ts';

const JOB = 'compilation.job';
const QUEUES = ['karn', 'urza'] as const;
const numberOf = ({ body }: BusMessage) => (body as unknown as { n: number }).n;

/** What may happen between two looks at the clock. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('say' as const), priority: fc.nat(4) }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('come' as const), node: fc.nat(1), queue: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('go' as const), node: fc.nat(1), queue: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('restart' as const),
      downMs: fc.constantFrom(300, 3_000, 12_000),
      losesMs: fc.constantFrom(0, 0, 1_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cut' as const), node: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('mend' as const), node: fc.nat(1) }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.constantFrom(20, 500, 8_000) }),
  },
);
/** How a handler takes a message, by its number. */
const manners = fc.array(fc.constantFrom('at once', 'later', 'broken once', 'broken', 'hangs once'), {
  minLength: 1,
  maxLength: 7,
});

function* addsUp(buses: readonly NetworkBus[]) {
  for (const bus of buses) {
    const { published, handled, shed, stale, returned, queued, dead } = bus.counters();
    yield [published, handled + shed + stale + returned + queued + dead] as const;
  }
}

describe('whatever happens to nodes, roads and the broker', () => {
  it('nothing critical that was taken is lost: each queue handles it or has it as a dead letter, and all counts add up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 25 }), manners, async (events, how) => {
        const { clock, broker, join } = memoryCluster();
        const options = { handleMs: 15_000 };
        const buses = [await join('one', options), await join('two', options)] as const;
        const speaker = await join('three');
        const handled = { karn: new Set<number>(), urza: new Set<number>() };
        const tried = new Set<string>();
        const leaves = new Map<string, () => void>();
        const taken: number[] = [];

        const handler = (queue: (typeof QUEUES)[number]) => async (message: BusMessage) => {
          const n = numberOf(message);
          const manner = how[n % how.length];
          const first = !tried.has(`${queue} ${n}`);
          tried.add(`${queue} ${n}`);
          if (manner === 'hangs once' && first) await new Promise<void>(() => {});
          if (manner === 'later') await new Promise<void>((resolve) => void clock.after(50, resolve));
          if (manner === 'broken' || (manner === 'broken once' && first)) throw new Error('broken');
          handled[queue].add(n);
        };
        const come = (node: number, at: number) => {
          const queue = QUEUES[at] ?? 'karn';
          if (leaves.has(`${node} ${queue}`)) return;
          const leave = buses[node]?.subscribe(JOB, handler(queue), { queue, atOnce: 2 });
          if (leave) leaves.set(`${node} ${queue}`, leave);
        };

        for (const [n, now] of events.entries()) {
          if (now.what === 'say' && speaker.publish(JOB, { type: 'said', v: 1, n } as never, now.priority))
            taken.push(n);
          if (now.what === 'come') come(now.node, now.queue);
          if (now.what === 'go') {
            const key = `${now.node} ${QUEUES[now.queue] ?? 'karn'}`;
            leaves.get(key)?.();
            leaves.delete(key);
          }
          if (now.what === 'restart') broker.restart(now.downMs, { losesMs: now.losesMs });
          if (now.what === 'cut') broker.cut(now.node === 0 ? 'one' : 'two');
          if (now.what === 'mend') broker.mend(now.node === 0 ? 'one' : 'two');
          await clock.advance(now.what === 'wait' ? now.ms : 5);
          for (const [said, became] of addsUp([...buses, speaker])) expect(became).toBe(said);
        }
        broker.heal();
        for (const node of [0, 1]) for (const queue of [0, 1]) come(node, queue);
        await clock.advance(240_000);

        const letters = speaker.deadLetterStore.list({ limit: 1_000 });
        await clock.advance(1_000);
        const dead = await letters;
        for (const queue of QUEUES) {
          const buried = dead
            .filter(({ letter }) => letter.queue === queue && letter.topic === JOB)
            .map(({ letter }) => numberOf(letter));
          const ended = new Set([...handled[queue], ...buried]);
          expect([...ended].sort((a, b) => a - b)).toEqual(taken);
        }
        expect(speaker.network()).toMatchObject({ waiting: 0, lost: 0, stored: taken.length });
        for (const [said, became] of addsUp(buses)) expect(became).toBe(said);
        for (const bus of buses) expect(bus.counters().queued).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
