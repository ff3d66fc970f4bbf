/** OTP's simple_one_for_one: any number of children from one template, each replaced alone. */
import { describe, expect } from 'vitest';
import type { World } from '../runtime/support/world.ts';
import { yes } from './support/answer.ts';
import { child, keeper, script } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { stillHeld } from './support/heap.ts';
import { startPool } from './support/pool.ts';
import { slow } from './support/slow.ts';
import { ends, lives, refTo } from './support/story.ts';

const HOUR = 3_600_000;
const gaveUp = {
  kind: 'crashed',
  error: { cause: { code: 'SUPERVISOR_GAVE_UP', details: { path: 'top/pool' } } },
};

describe('pools', () => {
  conforms('simple_one_for_one', async () => {
    const { world, handle } = await startPool(child('a'), {}, { intensity: 2, periodMs: HOUR });
    for (const id of ['x', 'y', 'z']) yes(await handle.start(undefined, { id }));
    await ends(world, 'pool/y', 'crash');

    expect(lives(world, 'pool')).toBe('x1 y2 z1');
    expect(yes(handle.count())).toEqual({ specs: 1, active: 3, supervisors: 0, workers: 3 });

    await ends(world, 'pool/x', 'crash');
    await ends(world, 'pool/z', 'crash');
    expect(await world.system.done).toMatchObject(gaveUp);
  });

  conforms('simple_one_for_one_shutdown', async () => {
    const diary: string[] = [];
    const told: { world?: World } = {};
    const clock = () => (told.world as World).clock;
    const { world, handle } = await startPool(slow('slow', diary, clock), { shutdown: { withinMs: 500 } });
    told.world = world;
    for (const ms of [100, 300, 200, Number.POSITIVE_INFINITY]) yes(await handle.start(ms));
    let stopped = false;
    const over = world.system.stop().then(() => {
      stopped = true;
    });

    await world.clock.advance(499);
    expect(diary).toEqual([100, 200, 300].map((ms) => `slow ends (shutdown) at ${ms} ms`));
    expect(stopped).toBe(false);
    await world.clock.advance(1);
    await over;
    expect(world.metrics.value('esper_stop_timeouts_total', { actor: 'slow' })).toBe(1);
  });

  conforms('simple_one_for_one_extra', async () => {
    const { world, handle } = await startPool(keeper(), { args: { common: true } });
    yes(await handle.start({ extra: 1 }, { id: 'x' }));
    yes(await handle.start(undefined, { id: 'y' }));
    for (const id of ['x', 'y', 'x']) await ends(world, `pool/${id}`, 'crash');

    expect(lives(world, 'pool')).toBe('x3 y2');
    const asked = ['x', 'y'].map((id) =>
      refTo(world, `pool/${id}`).ask({ type: 'get' }, { withinMs: 1_000 }),
    );
    await world.clock.settle();
    expect(await Promise.all(asked)).toEqual([{ extra: 1 }, { common: true }]);
  });

  conforms('simple_one_for_one_escalation', async () => {
    const diary: string[] = [];
    const plan = script('well', 'well', 'badly');
    const { world, handle } = await startPool(child('a', diary, plan), {}, { intensity: 4, periodMs: HOUR });
    for (const id of ['x', 'y']) yes(await handle.start(undefined, { id }));
    diary.length = 0;
    await ends(world, 'pool/x', 'crash');

    expect(await world.system.done).toMatchObject(gaveUp);
    expect(plan.starts).toBe(2 + 4);
    expect(diary.at(-1)).toBe('a ends (shutdown)');
    expect(world.clock.armed).toBe(0);
  });

  conforms('simple_one_for_one_corruption', async () => {
    const { world, handle } = await startPool(keeper(), { restart: 'temporary' });
    const start = async (id: string) => {
      const args = { bulk: new Uint8Array(50_000), id };
      yes(await handle.start(args, { id }));
      return new WeakRef(args);
    };
    const held = [await start('x'), await start('y'), await start('z')];
    await ends(world, 'pool/y', 'crash');
    await ends(world, 'pool/z', 'normal');

    expect(lives(world, 'pool')).toBe('x1');
    expect(yes(handle.count())).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });
    expect(await stillHeld(held.slice(1))).toBe(0);
    held.push(await start('y'));
    expect(lives(world, 'pool')).toBe('x1 y1');
    await world.system.stop();
    expect(await world.system.done).toMatchObject({ kind: 'shutdown' });
  });

  conforms('simple_one_for_one_restart_ignore', async () => {
    const plan = script('well', 'well', 'ignored');
    const { world, handle } = await startPool(child('a', [], plan), {}, { intensity: 1, periodMs: HOUR });
    for (const id of ['x', 'y']) yes(await handle.start(undefined, { id }));
    await ends(world, 'pool/x', 'crash');

    expect(lives(world, 'pool')).toBe('y1');
    expect(yes(handle.count())).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });
    expect(plan.starts).toBe(3);
  });
});
