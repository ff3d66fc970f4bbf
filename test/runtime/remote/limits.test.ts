import { describe, expect, it } from 'vitest';
import { encode } from '../../../contracts/codec.ts';
import { EsperError } from '../../../contracts/failure.ts';
import { accept, type Down, defineActor, type PeerState, worker } from '../../../runtime/index.ts';
import { Awaited } from '../../../runtime/remote/awaited.ts';
import { meanwhile, nodes } from './nodes.ts';
import { type SinkMessage, sink, upTo } from './sink.ts';

describe('a node at its limits', () => {
  it('calls a full outbox what it is: something that passes', async () => {
    const { clock, broker, start } = nodes();
    await start('b', [worker(sink([]))]);
    const a = await start('a', [], { limits: { outboxLetters: 2 } });
    await clock.advance(100);
    broker.cut('b');
    const ref = a.system.ref<SinkMessage>('//b/esper/sink');
    for (const n of [1, 2]) ref.send({ type: 'add', n });

    const error = await ref.ask({ type: 'many' }, { withinMs: 100 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EsperError);
    expect(error).toMatchObject({ details: { refused: 'REMOTE_OUTBOX_FULL' }, retryable: true });
  });

  it('has no address for a path that no envelope takes, and the others are heard as before', async () => {
    const { clock, start } = nodes();
    const heard: number[] = [];
    await start('b', [worker(sink(heard))]);
    const a = await start('a', []);
    await clock.advance(100);

    expect(a.system.ref<SinkMessage>(`//b/${'x'.repeat(1_025)}`).send({ type: 'many' })).toBe(false);
    a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'add', n: 7 });
    await clock.advance(1_000);
    expect(heard).toEqual([7]);
  });

  it('remembers the lives of 4,096 actors of another node, those heard of last', () => {
    const awaited = new Awaited('b', 1_000);
    for (const n of upTo(5_000))
      awaited.take({ seq: 1, id: 'x', is: 'reply', path: `p${n}`, re: 'r', incarnation: 3 });

    const known = upTo(5_000).filter((n) => awaited.incarnationOf(`p${n}`) === 3);
    expect(known).toEqual(upTo(5_000).slice(-4_096));
  });

  it.each([
    ['is no data', () => ({ since: new Date(0) })],
    ['has a key that the language keeps', () => ({ constructor: 1 })],
    ['is larger than a message may be', () => ({ text: 'x'.repeat(1_100_000) })],
    [
      'cannot be made',
      () => {
        throw new Error('no inventory today');
      },
    ],
  ])('is heard all the same when its inventory %s', async (_, inventory) => {
    const { clock, start } = nodes();
    const a = await start('a', []);
    await start('b', [], { inventory });
    await clock.advance(1_000);
    expect(a.cluster.peers()).toMatchObject([{ node: 'b', state: 'up', inventory: {} }]);
  });

  it('does not fall over what somebody else writes among the leases', async () => {
    const { clock, broker, start } = nodes();
    const a = await start('a', []);
    await start('b', []);
    a.cluster.hold('clerk', { gained() {}, lost() {} });
    await clock.advance(1_000);
    const stranger = broker.leases('stranger');
    const { revision = 0 } = (await meanwhile(clock, stranger.get('esper.node.b'))) ?? {};
    const { revision: other = 0 } = (await meanwhile(clock, stranger.get('esper.one.clerk'))) ?? {};
    await meanwhile(clock, stranger.put('esper.node.b', encode({ holder: 'me' }), revision));
    await meanwhile(clock, stranger.put('esper.one.clerk', new Uint8Array([0xc1]), other));
    await clock.advance(20_000);
    expect(a.cluster.peers()).toMatchObject([{ node: 'b', state: 'up' }]);
  });
});

describe('a watch on a node that speaks another protocol', () => {
  it('is told at once that nothing will be heard from there', async () => {
    const { clock, start } = nodes();
    const downs: Down[] = [];
    const states: PeerState[] = [];
    const watcher = defineActor<null, Down | { readonly type: 'watch' }>({
      name: 'watcher',
      fresh: () => null,
      decide: {
        watch: (_state, _message, cx) => {
          cx.watch(cx.ref('//b/esper/sink') as never);
          return accept();
        },
        'runtime.down': (_state, down) => {
          downs.push(down);
          return accept();
        },
      },
    });
    await start('b', [worker(sink([]))], { protocol: 'two' });
    const a = await start('a', [worker(watcher)], { onPeer: ({ state }) => states.push(state) });
    await clock.advance(1_000);
    expect(states.at(-1)).toBe('incompatible');
    a.system.ref<{ readonly type: 'watch' }>('esper/watcher').send({ type: 'watch' });
    await clock.advance(10);

    expect(downs).toMatchObject([
      { path: '//b/esper/sink', reason: { kind: 'node_down', why: 'it speaks another protocol' } },
    ]);
  });
});
