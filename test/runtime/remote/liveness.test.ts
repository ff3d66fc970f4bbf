import { describe, expect, it } from 'vitest';
import { LEASE_STORE } from '../../../runtime/adapters/memory/broker.ts';
import { accept, type Down, defineActor, type PeerState, worker } from '../../../runtime/index.ts';
import { nodes } from './nodes.ts';
import { type SinkMessage, sink } from './sink.ts';

const watcher = (path: string, downs: Down[]) =>
  defineActor<null, Down>({
    name: 'watcher',
    fresh(cx) {
      cx.watch(cx.ref(path) as never);
      return null;
    },
    decide: {
      'runtime.down': (_state, down) => {
        downs.push(down);
        return accept();
      },
    },
  });

async function watched() {
  const world = nodes();
  const states: PeerState[] = [];
  const downs: Down[] = [];
  const b = await world.start('b', [worker(sink([]), { restart: 'temporary' })]);
  const a = await world.start('a', [worker(watcher('//b/esper/sink', downs))], {
    onPeer: ({ state }) => states.push(state),
  });
  await world.clock.advance(200);
  return { ...world, a, b, states, downs };
}

describe('a node that is silent', () => {
  it('is unreachable after three beats, and not dead while its lease beats', async () => {
    const { clock, broker, states, downs } = await watched();
    broker.partition('a', 'b');
    await clock.advance(3_300);
    expect(states).toEqual(['up', 'unreachable']);
    await clock.advance(60_000);
    expect(states).toEqual(['up', 'unreachable']);
    broker.heal();
    await clock.advance(2_000);
    expect(states).toEqual(['up', 'unreachable', 'up']);
    expect(downs).toEqual([]);
  });

  it('is dead when its lease has run out too, and its watchers are told that nobody knows how it ended', async () => {
    const { clock, a, b, states, downs } = await watched();
    b.crash();
    await clock.advance(5_000);
    expect(states).toEqual(['up', 'unreachable']);
    await clock.advance(3_000);

    expect(states).toEqual(['up', 'unreachable', 'down']);
    expect(downs).toMatchObject([
      { path: '//b/esper/sink', reason: { kind: 'node_down', node: 'b', epoch: 1 } },
    ]);
    const ref = a.system.ref<SinkMessage>('//b/esper/sink');
    expect(ref.send({ type: 'add', n: 1 })).toBe(false);
    await expect(ref.ask({ type: 'many' }, { withinMs: 1_000 })).rejects.toMatchObject({ code: 'NODE_DOWN' });
    expect(a.system.deadLetters.count('node_down')).toBe(2);
  });

  it('is not near while it hears nobody, though it is heard', async () => {
    const { clock, broker, states } = await watched();
    broker.partition('a', 'b', { oneWay: true });
    await clock.advance(5_000);
    expect(states).toEqual(['up', 'unreachable']);
  });

  it('is not declared dead by one that cannot see the leases itself', async () => {
    const { clock, broker, states } = await watched();
    broker.cut('a');
    await clock.advance(60_000);
    expect(states).toEqual(['up', 'unreachable']);
    broker.mend('a');
    await clock.advance(3_000);
    // Meanwhile a has lost its own lease and begun a new life; b is still the same.
    expect(states.at(-1)).toBe('up');
  });

  it('that never was is dead after the life of a lease, so that nobody waits for ever', async () => {
    const { clock, a } = await watched();
    const answer = a.system
      .ref<SinkMessage>('//nobody/esper/sink')
      .ask({ type: 'many' }, { withinMs: 600_000 })
      .catch((error) => error);
    await clock.advance(8_000);
    expect(await answer).toMatchObject({ code: 'NODE_DOWN', details: { node: 'nobody', epoch: 0 } });
  });

  it('says goodbye when it stops in order', async () => {
    const { clock, b, states, downs } = await watched();
    void b.system.stop();
    await clock.advance(50);
    expect(states).toEqual(['up', 'down']);
    expect(downs).toHaveLength(1);
  });
});

describe('a watch across nodes', () => {
  it('tells how the life ended, once', async () => {
    const { clock, a, downs } = await watched();
    a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'end' });
    await clock.advance(1_000);
    expect(downs).toEqual([
      { type: 'runtime.down', path: '//b/esper/sink', incarnation: 1, reason: { kind: 'normal' } },
    ]);
  });

  it('tells at once when nobody lives there', async () => {
    const { clock, start } = nodes();
    const downs: Down[] = [];
    await start('b', []);
    await start('a', [worker(watcher('//b/esper/nobody', downs))]);
    await clock.advance(500);
    expect(downs).toMatchObject([{ path: '//b/esper/nobody', incarnation: 0, reason: { kind: 'shutdown' } }]);
  });
});

describe('a node whose lease lapsed', () => {
  it('comes back in a new life, with a higher epoch, and is believed', async () => {
    const { clock, broker, b, states, downs } = await watched();
    broker.cut('b');
    await clock.advance(20_000);
    expect(states).toEqual(['up', 'unreachable', 'down']);
    broker.mend('b');
    await clock.advance(5_000);

    expect(b.cluster.node.epoch).toBe(2);
    expect(states.at(-1)).toBe('up');
    expect(downs).toHaveLength(1);
  });

  it('goes on with its neighbours when only the leases are out of reach', async () => {
    const { clock, broker, a, b, states } = await watched();
    broker.partition('b', LEASE_STORE);
    await clock.advance(30_000);
    expect(states).toEqual(['up']);
    expect(a.system.ref<SinkMessage>('//b/esper/sink').send({ type: 'add', n: 1 })).toBe(true);
    broker.heal();
    await clock.advance(5_000);
    expect(b.cluster.node.epoch).toBe(2);
    expect(a.cluster.peers()).toMatchObject([{ node: 'b', epoch: 2, state: 'up' }]);
  });
});

describe('a name', () => {
  it('belongs to whoever joined last; the other one is told to end', async () => {
    const { clock, start } = nodes();
    const ends: Error[] = [];
    const first = await start('twin', [], { onReplaced: (error) => ends.push(error) });
    const second = await start('twin', [], { client: 'twin again' });
    await clock.advance(3_000);

    expect(ends).toMatchObject([{ code: 'NODE_REPLACED', details: { epoch: 2 } }]);
    expect([first.cluster.node.epoch, second.cluster.node.epoch]).toEqual([1, 2]);
    await clock.advance(10_000);
    expect(second.cluster.node.epoch).toBe(2);
  });

  it('must be one that subjects and keys can carry', async () => {
    const { start } = nodes();
    await expect(start('Not A Name', [])).rejects.toMatchObject({ code: 'NODE_NAME_INVALID' });
  });

  it('is not had while the lease store is silent', async () => {
    const { broker, start } = nodes();
    broker.partition('a', LEASE_STORE);
    await expect(start('a', [])).rejects.toMatchObject({ code: 'NODE_JOIN_LATE', retryable: true });
  });

  it('is turned away when it speaks another protocol', async () => {
    const { clock, start } = nodes();
    const a = await start('a', []);
    await start('b', [worker(sink([]))], { protocol: 'two' });
    await clock.advance(1_500);

    expect(a.cluster.peers()).toMatchObject([{ node: 'b', state: 'incompatible' }]);
    const ref = a.system.ref<SinkMessage>('//b/esper/sink');
    expect(ref.send({ type: 'add', n: 1 })).toBe(false);
    await expect(ref.ask({ type: 'many' }, { withinMs: 100 })).rejects.toMatchObject({
      details: { refused: 'NODE_INCOMPATIBLE', details: { ours: 'one', theirs: 'two' } },
    });
  });
});
