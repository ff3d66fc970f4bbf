/** A thread under supervision: spoken to like any actor, restarted like any actor. */
import { describe, expect, it } from 'vitest';
import { memoryThreads } from '../../../runtime/adapters/memory/threads.ts';
import { joinHost } from '../../../runtime/host/join-host.ts';
import { hostWorker, startSystem, supervisor } from '../../../runtime/index.ts';
import type { Seat, Threads } from '../../../runtime/ports/threads.ts';
import { worldPorts } from '../support/world.ts';

async function hosted() {
  const made = worldPorts();
  const { clock, log } = made;
  let started = 0;
  const threads = memoryThreads(clock, (seat: Seat) => {
    started++;
    const { link, ready, data } = joinHost({ seat, clock, log });
    link.handle('greet', () => `hello from ${data}`);
    ready();
  });
  const flags = { strategy: 'one_for_one', intensity: 3, periodMs: 1_000 } as const;
  const child = hostWorker('service', {
    entry: new URL('file:///guest.js'),
    data: 'over there',
    threads,
    clock,
  });
  const starting = startSystem(supervisor('top', flags, [child]), made.ports);
  await clock.settle();
  return { ...made, threads, system: await starting, starts: () => started };
}

describe('a host worker', () => {
  it('answers with what its thread answers', async () => {
    const { system, clock } = await hosted();
    const asked = system.ref('top/service').ask({ type: 'greet' }, { withinMs: 1_000 });
    await clock.settle();

    expect(await asked).toBe('hello from over there');
  });

  it('refuses what its thread does not understand, and lives on', async () => {
    const { system, clock } = await hosted();
    const ref = system.ref('top/service');
    const refused = expect(ref.ask({ type: 'dance' }, { withinMs: 1_000 })).rejects.toMatchObject({
      code: 'ACTOR_REFUSED',
      details: { refused: 'HOST_NO_HANDLER' },
    });
    await clock.settle();

    await refused;
    expect(ref.incarnation).toBe(1);
  });

  it('is started again when its thread fails', async () => {
    const { system, clock, threads, starts } = await hosted();
    threads.crash('top/service', new Error('out of memory'));
    await clock.settle();

    expect(system.ref('top/service').incarnation).toBe(2);
    expect(starts()).toBe(2);
  });

  it('ends its thread when it is stopped', async () => {
    const { system, clock } = await hosted();
    await Promise.all([system.stop(), clock.settle()]);

    expect(await system.done).toMatchObject({ kind: 'shutdown' });
    expect(clock.armed).toBe(0);
  });

  it.each(['is never ready', 'is not to the taste of whoever starts it'])(
    'leaves no thread behind when it %s',
    async (what) => {
      const made = worldPorts();
      const { clock, log } = made;
      let ended = 0;
      const inner = memoryThreads(clock, (seat: Seat) => {
        const { ready } = joinHost({ seat, clock, log });
        if (what !== 'is never ready') ready();
      });
      const threads: Threads = {
        start(spec) {
          const thread = inner.start(spec);
          void thread.exited.then(() => ended++);
          return thread;
        },
      };
      const child = hostWorker('service', {
        entry: new URL('file:///guest.js'),
        threads,
        clock,
        startWithinMs: 1_000,
        onReady: () => Promise.reject(new Error('not this one')),
      });
      const flags = { strategy: 'one_for_one', intensity: 3, periodMs: 1_000 } as const;
      const failed = expect(startSystem(supervisor('top', flags, [child]), made.ports)).rejects.toMatchObject(
        {
          code: 'SUPERVISOR_START_FAILED',
        },
      );
      await clock.advance(1_000);
      await failed;

      expect(ended).toBe(1);
      expect(clock.armed).toBe(0);
    },
  );
});
