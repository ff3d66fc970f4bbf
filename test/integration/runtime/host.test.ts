/** Hosts in real threads: the promises of a link, and every way a thread can end, without harm to its parent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';
import { nodeSeat, nodeThreads } from '../../../runtime/adapters/node/threads.ts';
import { startHost } from '../../../runtime/host/host.ts';
import { linkContract } from '../../runtime/host/link.contract.ts';

const entry = new URL('../fixtures/host.mjs', import.meta.url);
const start = (data: unknown = null) =>
  startHost({ name: 'nursery', entry, data, threads: nodeThreads(), clock: nodeClock(), log: memoryLog() });
const within = { withinMs: 10_000 };
/** A thread's beat is real time; nothing here can move it. */
const patiently = { timeout: 10_000, interval: 5 };

describe('a link to a thread', () => {
  linkContract(async () => {
    const host = start();
    await host.ready;
    return { link: host.link, pass: (ms) => sleep(ms), cut: () => host.terminate() };
  });
});

describe('a host in a thread', () => {
  it('knows its name and data, shared memory included', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const host = start({ shared });
    const seen = (await host.link.request('data', null, within)) as {
      name: string;
      data: { shared: Int32Array };
    };
    seen.data.shared[0] = 5;

    expect(seen.name).toBe('nursery');
    expect(shared[0]).toBe(5);
    await host.terminate();
  });

  it.each(['throw', 'reject'])('that dies of an uncaught %s tells why and spares its parent', async (how) => {
    const host = start();
    const pending = host.link.request('never', null, within);
    const gone = expect(pending).rejects.toMatchObject({
      code: 'HOST_GONE',
      details: { because: 'GUEST_BROKE' },
    });
    host.link.publish(how, null);

    expect(await host.exited).toMatchObject({
      reason: 'failed',
      failure: { code: 'GUEST_BROKE', message: 'nobody caught this', details: { part: 3 } },
    });
    expect((await host.exited).failure?.stack).toContain('host.mjs');
    await gone;
  });

  it('that dies on arrival is never ready', async () => {
    const host = start({ dieAtStart: true });

    await expect(host.ready).rejects.toMatchObject({
      code: 'HOST_GONE',
      message: expect.stringContaining('dead on arrival'),
    });
  });

  it('whose entry is missing is never ready either', async () => {
    const options = {
      name: 'lost',
      data: null,
      threads: nodeThreads(),
      clock: nodeClock(),
      log: memoryLog(),
    };
    const host = startHost({ ...options, entry: new URL('./nowhere.mjs', entry) });

    expect((await host.exited).reason).toBe('failed');
    await expect(host.ready).rejects.toMatchObject({ code: 'HOST_GONE' });
  });

  it('that leaves in order has finished', async () => {
    const host = start();
    host.link.publish('leave', null);

    expect(await host.exited).toEqual({ reason: 'finished', code: 0 });
  });

  it('shows when its loop is stuck, and can be ended then', async () => {
    const host = start();
    await host.ready;
    const before = host.beats();
    await vi.waitFor(() => expect(host.beats()).toBeGreaterThan(before), patiently);
    host.link.publish('block', null);
    await vi.waitFor(() => expect(host.stalledMs()).toBeGreaterThan(300), patiently);
    const stuckAt = host.beats();
    await vi.waitFor(() => expect(host.stalledMs()).toBeGreaterThan(450), patiently);

    expect(host.beats()).toBe(stuckAt);
    await host.terminate();
    expect((await host.exited).reason).toBe('terminated');
  });

  it('has no seat on the main thread of a process', () => {
    expect(() => nodeSeat()).toThrow();
  });
});
