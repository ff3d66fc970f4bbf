/** While a child fails to start again and again, its supervisor goes on answering. */
import { describe, expect } from 'vitest';
import { type Backoff, type ChildInfo, worker } from '../../runtime/index.ts';
import { startWorld, type World } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, script } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { startPool } from './support/pool.ts';
import { ends, lives } from './support/story.ts';

interface Loop {
  readonly name: string;
  readonly backoff?: Backoff;
  /** Milliseconds each later start takes before it fails. */
  readonly startMs: number;
}

/** Both ways in which a loop leaves room for others: it pauses, or each try takes its time. */
const loops: readonly Loop[] = [
  { name: 'pausing', backoff: { firstMs: 100, maxMs: 100, jitter: 0 }, startMs: 0 },
  { name: 'slow to start', startMs: 100 },
];
const ENDLESS = { intensity: 1_000_000, periodMs: 3_600_000 };
const backoffOf = ({ backoff }: Loop) => (backoff === undefined ? {} : { backoff });

/** Lives well `first` times; all later starts fail until its script says otherwise. */
function stillborn(name: string, { startMs }: Loop, first = 1) {
  const told: { world?: World } = {};
  const plan = script(...new Array<'well'>(first).fill('well'), 'badly');
  const base = child(name, [], plan);
  const later = (cx: Parameters<typeof base.fresh>[0]) =>
    new Promise<number>((resolve, reject) => {
      told.world?.clock.after(startMs, () => {
        void Promise.resolve()
          .then(() => base.fresh(cx, undefined) as number)
          .then(resolve, reject);
      });
    });
  const fresh: typeof base.fresh = (cx, args) =>
    startMs === 0 || plan.starts < first ? base.fresh(cx, args) : later(cx);
  return { definition: { ...base, fresh }, plan, told };
}

const states = (children: readonly ChildInfo[]) =>
  children.map(({ id, state }) => `${id} ${state}`).join(', ');

describe('restart loops', () => {
  conforms('hanging_restart_loop', async () => {
    for (const loop of loops) {
      const { definition, plan, told } = stillborn('b', loop);
      const world = await startWorld([worker(child('a')), worker(definition)], {
        ...ENDLESS,
        ...backoffOf(loop),
      });
      told.world = world;
      const handle = world.system.supervisor('top');
      await ends(world, 'b', 'crash');
      for (let round = 0; round < 3; round++) {
        await world.clock.advance(150);
        expect(states(yes(handle.children())), loop.name).toBe('a running, b restarting');
        expect(yes(handle.count()), loop.name).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
        expect(no(await handle.restart('b')), loop.name).toBe('SUPERVISOR_CHILD_RESTARTING');
        expect(no(handle.delete('b')), loop.name).toBe('SUPERVISOR_CHILD_RESTARTING');
        expect(no(await handle.start(worker(definition))), loop.name).toBe(
          'SUPERVISOR_CHILD_ALREADY_PRESENT',
        );
      }
      expect(plan.starts, loop.name).toBeGreaterThanOrEqual(4);

      expect(await handle.terminate('b'), loop.name).toBeNull();
      const tried = plan.starts;
      await world.clock.advance(1_000);
      expect(plan.starts - tried, loop.name).toBeLessThanOrEqual(loop.startMs === 0 ? 0 : 1);
      expect(states(yes(handle.children())), loop.name).toBe('a running, b undefined');
      expect(handle.delete('b'), loop.name).toBeNull();
      expect(lives(world), loop.name).toBe('a1');
      await stopsDuring(loop);
    }
  });

  conforms('hanging_restart_loop_rest_for_one', async () => {
    for (const loop of loops) {
      const { definition, plan, told } = stillborn('b', loop);
      const world = await startWorld([worker(child('a')), worker(definition), worker(child('c'))], {
        ...{ ...ENDLESS, ...backoffOf(loop) },
        strategy: 'rest_for_one',
      });
      told.world = world;
      const handle = world.system.supervisor('top');
      await ends(world, 'b', 'crash');
      await world.clock.advance(350);
      expect(states(yes(handle.children())), loop.name).toBe('a running, b restarting, c undefined');
      expect(yes(handle.count()), loop.name).toMatchObject({ specs: 3, active: 1, workers: 3 });

      plan.course = ['well'];
      await world.clock.advance(350);
      expect(states(yes(handle.children())), loop.name).toBe('a running, b running, c running');
      expect(world.system.ref('top/a').incarnation, loop.name).toBe(1);
      expect(world.system.ref('top/c').incarnation, loop.name).toBe(2);

      plan.course = ['badly'];
      await ends(world, 'b', 'crash');
      await world.clock.advance(350);
      expect(await handle.terminate('b'), loop.name).toBeNull();
      expect(states(yes(handle.children())), loop.name).toBe('a running, b undefined, c undefined');
      yes(await handle.restart('c'));
      expect(yes(handle.child('c')).state, loop.name).toBe('running');
    }
  });

  conforms('hanging_restart_loop_simple', async () => {
    for (const loop of loops) {
      const { definition, plan, told } = stillborn('child', loop, 2);
      const { world, handle } = await startPool(definition, {}, { ...ENDLESS, ...backoffOf(loop) });
      told.world = world;
      for (const id of ['x', 'y']) yes(await handle.start(undefined, { id }));
      await ends(world, 'pool/x', 'crash');
      for (let round = 0; round < 3; round++) {
        await world.clock.advance(150);
        expect(states(yes(handle.children())), loop.name).toBe('x restarting, y running');
        expect(yes(handle.count()), loop.name).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 2 });
      }
      expect(no(await handle.start(undefined, { id: 'x' })), loop.name).toMatch(/^SUPERVISOR_CHILD_ALREADY_/);
      expect(await handle.terminate('x'), loop.name).toBeNull();
      const tried = plan.starts;
      await world.clock.advance(1_000);
      expect(plan.starts - tried, loop.name).toBeLessThanOrEqual(loop.startMs === 0 ? 0 : 1);
      expect(lives(world, 'pool'), loop.name).toBe('y1');

      await ends(world, 'pool/y', 'crash');
      await world.system.stop();
      expect(world.clock.armed, loop.name).toBe(loop.startMs === 0 ? 0 : 1);
    }
  });
});

/** The whole system can be stopped in the middle of a loop, and nothing is tried after that. */
async function stopsDuring(loop: Loop): Promise<void> {
  const { definition, plan, told } = stillborn('b', loop);
  const world = await startWorld([worker(definition)], { ...ENDLESS, ...backoffOf(loop) });
  told.world = world;
  await ends(world, 'b', 'crash');
  await world.clock.advance(350);
  await world.system.stop();
  const tried = plan.starts;
  await world.clock.advance(1_000);

  expect(plan.starts - tried, loop.name).toBeLessThanOrEqual(loop.startMs === 0 ? 0 : 1);
  expect(await world.system.done, loop.name).toMatchObject({ kind: 'shutdown' });
  expect(world.clock.armed, loop.name).toBe(0);
}
