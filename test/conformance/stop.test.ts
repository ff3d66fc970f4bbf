/** Every way to be stopped, and to end by oneself while being stopped. */
import { describe, expect } from 'vitest';
import { type ChildSpec, type Restart, supervisor, worker } from '../../runtime/index.ts';
import { deferred } from '../runtime/support/deferred.ts';
import { startWorld, type World } from '../runtime/support/world.ts';
import { yes } from './support/answer.ts';
import { child, ways } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { startPool } from './support/pool.ts';
import { slow } from './support/slow.ts';
import { ends, refTo } from './support/story.ts';
import { witness } from './support/witness.ts';

const FOREVER = Number.POSITIVE_INFINITY;
const flags = { strategy: 'one_for_one', intensity: 9, periodMs: 1_000 } as const;
const restarts: readonly Restart[] = ['permanent', 'transient', 'temporary'];
const kindOf = {
  normal: 'normal',
  shutdown: 'shutdown',
  'shutdown, with a why': 'shutdown',
  crash: 'crashed',
};

/** `tree` beside a witness who watches `places` and outlives it. */
async function watched(tree: (clock: () => World['clock']) => ChildSpec, ...places: readonly string[]) {
  const seen: string[] = [];
  const told: { world?: World } = {};
  const clock = () => (told.world as World).clock;
  const world = await startWorld([worker(witness(seen)), tree(clock)]);
  told.world = world;
  for (const place of places)
    world.system.ref('top/witness').send({ type: 'watch', path: `top/${place}` } as never);
  await world.clock.settle();
  return { world, seen };
}

/** Terminates `id`; says at which time that was over. */
async function terminate({ system, clock }: World, id: string, withinMs: number): Promise<number> {
  let atMs = Number.NaN;
  const over = system
    .supervisor('top')
    .terminate(id)
    .then((answer) => {
      expect(answer).toBeNull();
      atMs = clock.nowMs();
    });
  await clock.advance(withinMs);
  await over;
  return atMs;
}

describe('stop', () => {
  conforms('sup_stop_infinity', async () => {
    const diary: string[] = [];
    const patient = { shutdown: { withinMs: FOREVER } };
    const { world, seen } = await watched(
      (clock) =>
        supervisor('inner', flags, [
          supervisor('deep', flags, [worker(slow('a', diary, clock), { args: 3_600_000, ...patient })]),
          worker(slow('b', diary, clock), { args: 60_000, ...patient }),
        ]),
      'inner/deep/a',
      'inner/b',
    );

    expect(await terminate(world, 'inner', 86_400_000)).toBe(3_660_000);
    expect(diary).toEqual(['b ends (shutdown) at 60000 ms', 'a ends (shutdown) at 3660000 ms']);
    expect(seen.toSorted()).toEqual(['top/inner/b: shutdown', 'top/inner/deep/a: shutdown']);
  });

  conforms('sup_stop_timeout', async () => {
    const diary: string[] = [];
    const { world, seen } = await watched(
      (clock) =>
        supervisor('inner', flags, [
          worker(child('a', diary)),
          worker(slow('b', diary, clock), { args: FOREVER, shutdown: { withinMs: 1_000 } }),
        ]),
      'inner/a',
      'inner/b',
    );

    expect(await terminate(world, 'inner', 60_000)).toBe(1_000);
    expect(diary).toEqual(['a starts', 'a ends (shutdown)']);
    expect(seen.toSorted()).toEqual(['top/inner/a: shutdown', 'top/inner/b: killed']);
    expect(world.metrics.value('esper_stop_timeouts_total', { actor: 'b' })).toBe(1);
  });

  conforms('sup_stop_timeout_dynamic', async () => {
    const told: { world?: World } = {};
    const diary: string[] = [];
    const definition = slow('slow', diary, () => (told.world as World).clock);
    const { world, handle } = await startPool(definition, { shutdown: { withinMs: 1_000 } });
    told.world = world;
    for (const ms of [10, FOREVER, FOREVER, 20]) yes(await handle.start(ms));

    expect(await terminate(world, 'pool', 60_000)).toBe(1_000);
    expect(diary).toEqual(['slow ends (shutdown) at 10 ms', 'slow ends (shutdown) at 20 ms']);
    expect(world.metrics.value('esper_stop_timeouts_total', { actor: 'slow' })).toBe(2);
  });

  conforms('sup_stop_brutal_kill', async () => {
    const diary: string[] = [];
    const { world, seen } = await watched(
      () =>
        supervisor('inner', flags, [
          worker(child('a', diary)),
          worker(child('b', diary), { shutdown: 'brutal_kill' }),
        ]),
      'inner/a',
      'inner/b',
    );
    refTo(world, 'inner/b').send({ type: 'hang' });
    await world.clock.settle();

    expect(await terminate(world, 'inner', 0)).toBe(0);
    await world.clock.settle();
    expect(diary).toEqual(['a starts', 'b starts', 'a ends (shutdown)']);
    expect(seen.toSorted()).toEqual(['top/inner/a: shutdown', 'top/inner/b: killed']);
  });

  conforms('sup_stop_brutal_kill_dynamic', async () => {
    const diary: string[] = [];
    const { world, handle } = await startPool(child('a', diary), { shutdown: 'brutal_kill' });
    for (let i = 0; i < 10; i++) yes(await handle.start());
    await world.system.stop();

    expect(diary).toEqual(new Array(10).fill('a starts'));
    expect(await world.system.done).toMatchObject({ kind: 'shutdown' });
    expect(world.clock.armed).toBe(0);
  });

  conforms('sup_stop_race', async () => {
    for (const restart of restarts) {
      for (const way of ways) {
        const label = `${restart}, ${way}`;
        const diary: string[] = [];
        const gate = deferred<void>();
        const last = { ...child('b', diary), stopped: () => gate.promise };
        const world = await startWorld([worker(child('a', diary), { restart }), worker(last)]);
        const over = world.system.stop();
        await ends(world, 'a', way);
        expect(diary, label).toEqual([
          'a starts',
          'b starts',
          ...(way === 'crash' ? [] : [`a ends (${kindOf[way]})`]),
        ]);
        gate.resolve();
        await over;

        expect(diary, label).toEqual(['a starts', 'b starts', `a ends (${kindOf[way]})`]);
        expect(await world.system.done, label).toMatchObject({ kind: 'shutdown' });
      }
    }
  });

  conforms('sup_stop_non_shutdown_exit_dynamic', async () => {
    for (const restart of restarts) {
      for (const way of ways) {
        const label = `${restart}, ${way}`;
        const diary: string[] = [];
        const gate = deferred<void>();
        const { world, handle } = await startPool(child('a', diary), { restart });
        for (const id of ['x', 'y']) yes(await handle.start(undefined, { id }));
        refTo(world, 'pool/x').send({ type: 'later', when: gate.promise, way });
        await world.clock.settle();
        const over = world.system.stop();
        await world.clock.settle();
        expect(diary, label).toEqual(['a starts', 'a starts', 'a ends (shutdown)']);
        gate.resolve();
        await over;

        expect(diary.slice(3), label).toEqual([`a ends (${kindOf[way]})`]);
        expect(await world.system.done, label).toMatchObject({ kind: 'shutdown' });
      }
    }
  });
});
