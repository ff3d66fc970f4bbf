/** Links and hosts in memory: the promises of a link, and what a host does with the life of its thread. */
import { describe, expect, it } from 'vitest';
import { EsperError } from '../../../contracts/failure.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { linkPair, memoryThreads } from '../../../runtime/adapters/memory/threads.ts';
import { startHost } from '../../../runtime/host/host.ts';
import { type JoinedHost, joinHost } from '../../../runtime/host/join-host.ts';
import { WireLink } from '../../../runtime/host/link.ts';
import type { Seat } from '../../../runtime/ports/threads.ts';
import { behave } from '../../integration/fixtures/guest.mjs';
import { linkContract } from './link.contract.ts';

describe('a link in memory', () => {
  linkContract(async () => {
    const clock = memoryClock();
    const { near, far, cut } = linkPair(clock);
    behave(far, EsperError);
    return { link: near, pass: (ms) => clock.advance(ms), cut: async () => cut() };
  });

  it('leaves no timer armed once answered, refused or cut', async () => {
    const clock = memoryClock();
    const { near, far, cut } = linkPair(clock);
    behave(far, EsperError);
    const asked = ['echo', 'refuse', 'never'].map((topic) => near.request(topic, 1, { withinMs: 5_000 }));
    const outcomes = Promise.allSettled(asked);
    await clock.settle();
    expect(clock.armed).toBe(1);
    cut();
    await outcomes;

    expect(clock.armed).toBe(0);
  });

  it('logs the failure of a handler nobody waits for, and goes on', async () => {
    const clock = memoryClock();
    const log = memoryLog();
    const { near, far } = linkPair(clock, log);
    behave(far, EsperError);
    near.publish('refuse', 1);
    near.publish('unknown', 1);
    await clock.settle();

    expect(log.lines.map(({ fields: { code, topic } }) => [code, topic])).toEqual([
      ['GUEST_REFUSED', 'refuse'],
      ['HOST_NO_HANDLER', 'unknown'],
    ]);
  });

  it('drops and reports whatever is no envelope, and never calls a handler with it', async () => {
    const clock = memoryClock();
    const log = memoryLog();
    let take: (value: unknown) => void = () => undefined;
    const wire = {
      post: () => undefined,
      onReceive: (fn: typeof take) => {
        take = fn;
      },
    };
    const link = new WireLink(wire, { host: 'h', clock, log });
    link.open();
    let called = 0;
    link.handle('x', () => called++);
    const strange = [
      undefined,
      null,
      'text',
      {},
      { is: 'publish' },
      { is: 'publish', topic: '', body: 1 },
      { is: 'publish', topic: 'x', body: 1, extra: 1 },
      { is: 'request', id: 0, topic: 'x', body: 1 },
      { is: 'request', id: 1.5, topic: 'x', body: 1 },
      { is: 'failure', id: 1, failure: { code: 'X' } },
      { is: 'shout', topic: 'x', body: 1 },
    ];
    for (const value of strange) take(value);
    take({ is: 'reply', id: 99, body: 'nobody asked' });

    expect(called).toBe(0);
    expect(log.lines.map(({ fields }) => fields.code)).toEqual(strange.map(() => 'HOST_BAD_ENVELOPE'));
  });

  it('has one handler a topic', () => {
    const { near } = linkPair(memoryClock());
    const remove = near.handle('x', () => 1);

    expect(() => near.handle('x', () => 2)).toThrow(/handler already/);
    remove();
    near.handle('x', () => 3);
  });
});

describe('a host', () => {
  const entry = new URL('file:///guest.js');
  const world = (guest: (host: JoinedHost) => void, data: unknown = null) => {
    const clock = memoryClock();
    const log = memoryLog();
    const threads = memoryThreads(clock, (seat: Seat) => guest(joinHost({ seat, clock, log })));
    const host = startHost({ name: 'nursery', entry, data, threads, clock, log });
    return { clock, log, threads, host };
  };

  it('is ready when its guest says so, and holds back what came before', async () => {
    const seen: string[] = [];
    let guest: JoinedHost | undefined;
    const { clock, host } = world((joined) => {
      guest = joined;
    });
    void host.ready.then(() => seen.push('ready'));
    host.link.publish('early', 'kept');
    await clock.settle();
    expect(seen).toEqual([]);
    guest?.link.handle('early', (body) => void seen.push(String(body)));
    guest?.ready();
    await clock.settle();

    expect(seen).toEqual(['kept', 'ready']);
  });

  it('hands its guest a name and a copy of the data', async () => {
    const data = { seed: 7 };
    let guest: JoinedHost | undefined;
    const { clock } = world((joined) => {
      guest = joined;
    }, data);
    await clock.settle();

    expect(guest?.name).toBe('nursery');
    expect(guest?.data).toEqual(data);
    expect(guest?.data).not.toBe(data);
  });

  it('that fails says with what, to those who wait and in its exit', async () => {
    const { clock, host, threads } = world((joined) => joined.ready());
    await clock.settle();
    const pending = expect(host.link.request('x', 1, { withinMs: 1_000 })).rejects.toMatchObject({
      code: 'HOST_GONE',
      details: { host: 'nursery', because: 'TENSOR_LOST' },
    });
    threads.crash('nursery', new EsperError('TENSOR_LOST', 'gone'));
    await pending;

    expect(await host.exited).toMatchObject({ reason: 'failed', code: 1, failure: { code: 'TENSOR_LOST' } });
    await host.ready;
  });

  it('that ends before it was ready says so, and harms nobody who did not ask', async () => {
    const { host, threads } = world(() => undefined);
    threads.crash('nursery', new Error('dead on arrival'));

    expect((await host.exited).reason).toBe('failed');
    await expect(host.ready).rejects.toMatchObject({ code: 'HOST_GONE' });
  });

  it('that is told to end was terminated, not broken', async () => {
    const { clock, host } = world((joined) => joined.ready());
    await clock.settle();
    await host.terminate();
    await host.terminate();

    expect(await host.exited).toEqual({ reason: 'terminated', code: 1 });
  });

  it('shows a loop that stands still', async () => {
    const { clock, host, threads } = world((joined) => joined.ready());
    await clock.advance(100);
    expect(host.stalledMs()).toBe(0);
    threads.stall('nursery');
    const beats = host.beats();
    await clock.advance(2_000);

    expect(host.stalledMs()).toBe(2_000);
    expect(host.beats()).toBe(beats);
  });
});
