/** Another plan for a tree that runs: what counts at once, what waits, and what is refused as a whole. */
import { describe, expect } from 'vitest';
import {
  type ChildSpec,
  pool,
  type SupervisorOptions,
  type SupervisorSpec,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { startWorld, type World } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, keeper } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { startPool } from './support/pool.ts';
import { ends, lives, refTo } from './support/story.ts';

const flags = { strategy: 'one_for_one', intensity: 0, periodMs: 3_600_000 } as const;
const plan = (options: Partial<SupervisorOptions>, ...children: readonly ChildSpec[]): SupervisorSpec =>
  supervisor('inner', { ...flags, ...options }, children);
const [a, b, c] = ['a', 'b', 'c'].map((name) => worker(child(name))) as [ChildSpec, ChildSpec, ChildSpec];

async function start(...given: Parameters<typeof plan>) {
  const world = await startWorld([plan(...given)]);
  return { world, handle: world.system.supervisor('top/inner') };
}

async function toldBy(world: World, place: string): Promise<unknown> {
  const asked = refTo(world, place).ask({ type: 'get' }, { withinMs: 1_000 });
  await world.clock.settle();
  return asked;
}

describe('change at run time', () => {
  conforms('code_change', async () => {
    const { world, handle } = await start({}, a, b);
    expect(handle.change(plan({}, a, b))).toBeNull();
    expect(lives(world, 'inner')).toBe('a1 b1');

    // flags count at once
    expect(handle.change(plan({ intensity: 9, strategy: 'one_for_all' }, a, b))).toBeNull();
    await ends(world, 'inner/a', 'crash');
    expect(lives(world)).toBe('inner1');
    expect(lives(world, 'inner')).toBe('a2 b2');

    // what is new is added and not started
    expect(handle.change(plan({ intensity: 9 }, a, b, c))).toBeNull();
    expect(yes(handle.child('c'))).toMatchObject({ state: 'undefined', ref: null });
    expect(lives(world, 'inner')).toBe('a2 b2');
    yes(await handle.restart('c'));
    expect(lives(world, 'inner')).toBe('a2 b2 c1');

    // what is removed runs until it ends, and is then forgotten
    expect(handle.change(plan({ intensity: 9 }, a, c))).toBeNull();
    expect(await toldBy(world, 'inner/b')).toBe(2);
    await ends(world, 'inner/b', 'crash');
    expect(no(handle.child('b'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    expect(lives(world, 'inner')).toBe('a2 c1');

    // a mistake changes nothing at all
    for (const bad of [
      plan({ intensity: -1 }, b),
      plan({ strategy: 'all' as never }, b),
      plan({}, b, { ...b, id: '' }),
      plan({}, b, b),
    ]) {
      expect(no(handle.change(bad))).toMatch(/^SPEC_INVALID_/);
      expect(yes(handle.children()).map(({ id, state }) => `${id} ${state}`)).toEqual([
        'a running',
        'c running',
      ]);
    }
    await ends(world, 'inner/a', 'crash');
    expect(lives(world, 'inner')).toBe('a3 c1');
  });

  conforms('code_change_map', async () => {
    const kept = (args: unknown, restart: 'permanent' | 'transient' = 'permanent') =>
      worker(keeper(), { args, restart });
    const { world, handle } = await start({ intensity: 9 }, kept(1), b);
    expect(handle.change(plan({ intensity: 9 }, kept(2), b))).toBeNull();
    expect(await toldBy(world, 'inner/keeper')).toBe(1);
    expect(yes(handle.spec('keeper'))).toMatchObject({ args: 2 });
    await ends(world, 'inner/keeper', 'crash');
    expect(await toldBy(world, 'inner/keeper')).toBe(2);

    // how it restarts counts at its next end
    expect(handle.change(plan({ intensity: 9 }, kept(2, 'transient'), b))).toBeNull();
    await ends(world, 'inner/keeper', 'normal');
    expect(lives(world, 'inner')).toBe('b1');

    // another definition in the same place
    expect(handle.change(plan({ intensity: 9 }, kept(3), worker(child('d'), { id: 'b' })))).toBeNull();
    expect(lives(world, 'inner')).toBe('b1');
    await ends(world, 'inner/b', 'crash');
    expect(yes(handle.spec('b'))).toMatchObject({ definition: { name: 'd' } });
    expect(yes(handle.child('b')).state).toBe('running');
    yes(await handle.restart('keeper'));
    expect(await toldBy(world, 'inner/keeper')).toBe(3);
  });

  conforms('code_change_simple', async () => {
    const before = keeper();
    const limits = { intensity: 100, periodMs: 1_000 };
    const { world, handle } = await startPool(before, { args: 1 });
    yes(await handle.start(undefined, { id: 'x' }));
    yes(await handle.start('own', { id: 'o' }));
    expect(handle.change(pool('pool', worker(before, { args: 2 }), limits))).toBeNull();
    yes(await handle.start(undefined, { id: 'y' }));

    expect(await toldBy(world, 'pool/x')).toBe(1);
    expect(await toldBy(world, 'pool/y')).toBe(2);
    for (const id of ['x', 'o']) await ends(world, `pool/${id}`, 'crash');
    expect(await toldBy(world, 'pool/x')).toBe(2);
    expect(await toldBy(world, 'pool/o')).toBe('own');

    // another definition: those that run go on with theirs, each next life is the new one's
    expect(handle.change(pool('pool', worker(child('other')), limits))).toBeNull();
    expect(await toldBy(world, 'pool/x')).toBe(2);
    yes(await handle.start(undefined, { id: 'z' }));
    expect(await toldBy(world, 'pool/z')).toBe(1);
    await ends(world, 'pool/x', 'crash');
    expect(await toldBy(world, 'pool/x')).toBe(3);
    expect(lives(world, 'pool')).toBe('x3 o2 y1 z1');
  });

  conforms('code_change_simple_map', async () => {
    const { world, handle } = await startPool(keeper(), { args: 1 });
    const good = pool('pool', worker(keeper(), { args: 2 }), { intensity: 1, periodMs: 1_000 });
    const asSupervisor = world.system.supervisor('top/pool');
    for (const bad of [
      { ...good, template: undefined },
      { ...good, template: [good.template, good.template] },
      { ...good, intensity: -1 },
    ]) {
      expect(no(handle.change(bad as never))).toMatch(/^SPEC_INVALID_/);
    }
    expect(no(handle.change(plan({}, a) as never))).toMatch(/^SPEC_INVALID_/);
    expect(no(asSupervisor.change(plan({}, a)))).not.toBe('accepted');
    expect(no(world.system.supervisor('top').change(good as never))).toMatch(/^SPEC_INVALID_/);

    yes(await handle.start(undefined, { id: 'x' }));
    expect(await toldBy(world, 'pool/x')).toBe(1);
    for (const id of ['x', 'x']) await ends(world, `pool/${id}`, 'crash');
    expect(lives(world, 'pool')).toBe('x3');
  });
});
