import { describe, expect, it } from 'vitest';
import {
  accept,
  defineActor,
  type FailPoint,
  type FailPoints,
  Fence,
  type Held,
  singleton,
  worker,
} from '../../../runtime/index.ts';
import { type Node, nodes } from './nodes.ts';
import { type SinkMessage, sink, upTo } from './sink.ts';

/** Ends a node as a killed process ends when a place was met `after` times. */
function plug(point: FailPoint, after: number) {
  let met = 0;
  let node: Node | undefined;
  const points: FailPoints = {
    hit(found) {
      if (found === point && ++met === after) node?.crash();
    },
  };
  const of = (one: Node) => {
    node = one;
  };
  return { points, of, pulled: () => met >= after };
}

describe('a node that ends between taking letters and receipting them', () => {
  it('has handled each letter at most once in each life, in order, and the next life loses none that waits for it', async () => {
    for (let after = 1; after <= 8; after++) {
      const { clock, start } = nodes(after);
      const [before, then]: [number[], number[]] = [[], []];
      const plugged = plug('outboxBeforeAck', after);
      plugged.of(await start('b', [worker(sink(before))], { failPoints: plugged.points }));
      const a = await start('a', []);
      await clock.advance(1_000);
      const ref = a.system.ref<SinkMessage>('//b/esper/sink');
      for (const n of upTo(400)) {
        ref.send({ type: 'add', n });
        await clock.advance(1);
      }
      expect(plugged.pulled()).toBe(true);
      await start('b', [worker(sink(then))]);
      await clock.advance(10_000);
      ref.send({ type: 'add', n: 400 });
      await clock.advance(1_000);

      expect(before).toEqual(upTo(before.length));
      expect(then).toEqual([...then].sort((one, other) => one - other));
      expect(then.at(-1)).toBe(400);
      expect(before.filter((n) => then.includes(n))).toEqual([]);
      const doubtful = a.system.deadLetters
        .recent()
        .map(({ message }) => (message as unknown as { n: number }).n);
      expect([...new Set([...before, ...then, ...doubtful])].sort((one, other) => one - other)).toEqual(
        upTo(401),
      );
    }
  });
});

describe('a holder that ends before it renews its lease', () => {
  it('leaves no two owners: the next one comes when the lease has run out, with a higher epoch', async () => {
    for (let after = 1; after <= 5; after++) {
      const { clock, start } = nodes(after);
      const fence = new Fence('ledger');
      const written: { node: string; epoch: number; atMs: number }[] = [];
      const clerk = (node: string) =>
        defineActor<Held, { readonly type: 'tick' }, never, Held>({
          name: 'clerk',
          fresh(cx, held) {
            cx.after(0, { type: 'tick' });
            return held;
          },
          decide: {
            tick: (held, _message, cx) => {
              if (held.held()) {
                expect(fence.refuses(held.epoch)).toBeUndefined();
                written.push({ node, epoch: held.epoch, atMs: clock.nowMs() });
              }
              cx.after(100, { type: 'tick' });
              return accept();
            },
          },
        });
      const plugged = plug('leaseBeforeRenew', after);
      const children = (name: string) => (cluster: Node['cluster']) => [
        singleton(cluster, 'clerk', clerk(name), (held) => held),
      ];
      plugged.of(await start('a', children('a'), { failPoints: plugged.points }));
      await clock.advance(500);
      await start('b', children('b'));
      await clock.advance(25_000);

      expect(plugged.pulled()).toBe(true);
      expect([...new Set(written.map(({ node }) => node))]).toEqual(['a', 'b']);
      const last = written.findLast(({ node }) => node === 'a');
      const next = written.find(({ node }) => node === 'b');
      expect(next?.epoch).toBeGreaterThan(last?.epoch ?? Number.POSITIVE_INFINITY);
      expect(next?.atMs).toBeGreaterThan(last?.atMs ?? Number.POSITIVE_INFINITY);
    }
  });
});
