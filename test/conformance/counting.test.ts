/** What is counted, what is kept and what is let go; and names that outlive their holders. */
import { describe, expect } from 'vitest';
import {
  type ChildSpec,
  type PoolHandle,
  type Restart,
  type Strategy,
  type SupervisorHandle,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { startWorld } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, script, ways } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { cpuMs } from './support/cpu.ts';
import { stillHeld, thereOf } from './support/heap.ts';
import { startPool } from './support/pool.ts';
import { ends, lives, refTo } from './support/story.ts';

const strategies: readonly Strategy[] = ['one_for_one', 'one_for_all', 'rest_for_one'];
const light = { ...child('a'), light: true };

/** List and counts say the same, and say it twice. */
function agree(handle: PoolHandle | SupervisorHandle, active: number): void {
  for (let twice = 0; twice < 2; twice++) {
    const running = yes(handle.children()).filter(({ state, ref }) => state === 'running' && ref !== null);
    expect(running).toHaveLength(active);
    expect(yes(handle.count()).active).toBe(active);
  }
}

describe('counting and memory', () => {
  conforms('count_children', async () => {
    const { world, handle } = await startPool(light, { restart: 'temporary' });
    for (const many of [1_000, 2_000]) {
      for (let i = yes(handle.count()).active; i < many; i++) yes(await handle.start());
      agree(handle, many);
      expect(yes(handle.count())).toEqual({ specs: 1, active: many, supervisors: 0, workers: many });
    }
    for (const { ref } of yes(handle.children())) ref?.send({ type: 'end', way: 'crash' } as never);
    await world.clock.settle();

    agree(handle, 0);
    expect(yes(handle.count())).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0 });
  });

  conforms('count_children_supervisor', async () => {
    const world = await startWorld([]);
    const handle = world.system.supervisor('top');
    const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000, restart: 'temporary' } as const;
    for (const many of [1_000, 2_000]) {
      for (let i = yes(handle.count()).active; i < many; i++)
        yes(await handle.start(supervisor(`s${i}`, flags, [])));
      agree(handle, many);
      expect(yes(handle.count())).toEqual({ specs: many, active: many, supervisors: many, workers: 0 });
    }
    for (const { id } of yes(handle.children())) await handle.terminate(id);

    expect(yes(handle.count())).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 });
  });

  conforms('count_restarting_children', async () => {
    const plan = script('well', 'well', 'well', 'badly');
    const backoff = { firstMs: 100, maxMs: 100, jitter: 0 };
    const { world, handle } = await startPool(child('a', [], plan), {}, { backoff, intensity: 1_000 });
    for (const id of ['x', 'y', 'z']) yes(await handle.start(undefined, { id }));
    for (const id of ['x', 'y', 'z']) await ends(world, `pool/${id}`, 'crash');
    await world.clock.advance(350);
    expect(yes(handle.count())).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 3 });
    expect(yes(handle.children()).map(({ state }) => state)).toEqual(new Array(3).fill('restarting'));

    expect(await handle.terminate('y')).toBeNull();
    expect(yes(handle.count())).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 2 });
    plan.course = ['well'];
    await world.clock.advance(100);
    expect(yes(handle.count())).toEqual({ specs: 1, active: 2, supervisors: 0, workers: 2 });
    expect(yes(handle.children()).map(({ id, state }) => `${id} ${state}`)).toEqual([
      'x running',
      'z running',
    ]);
  });

  conforms('get_callback_module', async () => {
    const { world, handle } = await startPool(child('gardener'));
    yes(await handle.start(undefined, { id: 'x' }));
    yes(await world.system.supervisor('top').start(worker(child('painter'), { id: 'y' })));

    expect(yes(handle.spec('x')).definition.name).toBe('gardener');
    expect(yes(world.system.supervisor('top').spec('y'))).toMatchObject({ definition: { name: 'painter' } });
    expect(yes(world.system.supervisor('top').spec('pool'))).toMatchObject({
      kind: 'pool',
      template: { definition: { name: 'gardener' } },
    });
  });

  conforms('do_not_save_start_parameters_for_temporary_children', async () => {
    for (const strategy of strategies) {
      const world = await startWorld([], { strategy });
      const handle = world.system.supervisor('top');
      const held = async (restart: Restart) => {
        const args = Array.from({ length: 100 }, () => ({ bulk: new Uint8Array(10_000) }));
        for (const [i, one] of args.entries()) {
          yes(await handle.start(worker(child(`${restart}${i}`), { restart, args: one })));
        }
        return args.map((one) => new WeakRef(one));
      };

      const [permanent, transient] = [await held('permanent'), await held('transient')];
      // what took the last of these would have taken those as well
      expect(await stillHeld(await held('temporary')), strategy).toBe(0);
      expect([thereOf(permanent), thereOf(transient)], strategy).toEqual([100, 100]);
      expect(yes(handle.count()), strategy).toEqual({
        specs: 300,
        active: 300,
        supervisors: 0,
        workers: 300,
      });
    }
  });

  conforms('do_not_save_child_specs_for_temporary_children', async () => {
    for (const strategy of strategies) {
      for (const way of [...ways, 'terminated'] as const) {
        const label = `${strategy}, ${way}`;
        const world = await startWorld(
          (['permanent', 'transient', 'temporary'] as const).map((restart) =>
            worker(child(restart), { restart }),
          ),
          { strategy },
        );
        const handle = world.system.supervisor('top');
        for (const id of ['temporary', 'transient', 'permanent']) {
          if (way === 'terminated') await handle.terminate(id);
          else await ends(world, id, way);
        }

        const states = yes(handle.children()).map(({ id, state }) => `${id} ${state}`);
        const back = way === 'crash' || (strategy !== 'one_for_one' && way !== 'terminated');
        expect(states, label).toEqual([
          `permanent ${way === 'terminated' ? 'undefined' : 'running'}`,
          `transient ${back ? 'running' : 'undefined'}`,
        ]);
        expect(no(handle.spec('temporary')), label).toBe('SUPERVISOR_CHILD_NOT_FOUND');
      }
    }
  });

  conforms('simple_one_for_one_scale_many_temporary_children', async () => {
    const cost = async (many: number): Promise<number> => {
      const { handle } = await startPool(light, { restart: 'temporary' });
      for (let i = 0; i < many; i++) yes(await handle.start());
      const refs = yes(handle.children()).map(({ ref }) => ref);
      const began = cpuMs();
      for (const ref of refs) await handle.terminate(ref as never);
      const ms = cpuMs() - began;
      agree(handle, 0);
      return ms;
    };
    await cost(1_000); // the first time pays for the compiler
    const few = await cost(1_000);

    expect(await cost(10_000)).toBeLessThan(50 * few);
  });

  conforms('simple_global_supervisor', async () => {
    const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const named = (restart: Restart): ChildSpec => worker(child('a'), { register: 'the-one', restart });
    const world = await startWorld([supervisor('inner', flags, [named('transient')]), worker(child('b'))]);
    const { system, clock } = world;
    const holder = () => [system.whereis('the-one')?.path, system.whereis('the-one')?.incarnation];
    const ref = system.ref('@the-one');
    expect(holder()).toEqual(['top/inner/a', 1]);

    await ends(world, 'inner/a', 'crash');
    expect(holder()).toEqual(['top/inner/a', 2]);
    await ends(world, 'inner/a', 'crash');
    expect(lives(world)).toBe('inner2 b1');
    expect(holder()).toEqual(['top/inner/a', 3]);

    await ends(world, 'inner/a', 'normal');
    expect(system.whereis('the-one')).toBeNull();
    expect(ref.send({ type: 'get' })).toBe(false);
    yes(await system.supervisor('top/inner').restart('a'));
    expect(holder()).toEqual(['top/inner/a', 4]);

    await system.supervisor('top').terminate('inner');
    expect(system.whereis('the-one')).toBeNull();
    yes(await system.supervisor('top').restart('inner'));
    const asked = ref.ask({ type: 'get' }, { withinMs: 1_000 });
    await clock.settle();
    expect(await asked).toBeGreaterThan(0);
    expect(refTo(world, 'inner/a').incarnation).toBe(ref.incarnation);
  });
});
