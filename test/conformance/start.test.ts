/** Every way a start can go: well, ignored, refused, failed. */
import { describe, expect } from 'vitest';
import { EsperError } from '../../contracts/failure.ts';
import {
  type ChildSpec,
  type SupervisorSpec,
  startSystem,
  supervisor,
  type WorkerSpec,
  worker,
} from '../../runtime/index.ts';
import { startWorld, worldPorts } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, script } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { startPool } from './support/pool.ts';
import { lives } from './support/story.ts';

const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
const codeOf = (thrown: unknown) => (thrown instanceof EsperError ? thrown.code : String(thrown));

/** How a whole system refuses to start. */
const failureOf = (spec: unknown): Promise<unknown> =>
  startSystem(spec as SupervisorSpec, worldPorts().ports).then(
    () => 'started',
    (thrown) => thrown,
  );

/** `fresh` throws `what`, at once or later. */
const throwing = (what: unknown, later: boolean): WorkerSpec =>
  worker({
    name: 'broken',
    fresh: () => {
      if (later) return Promise.reject(what);
      throw what;
    },
    decide: {},
  });

describe('start', () => {
  conforms('sup_start_normal', async () => {
    const { ports, clock, log } = worldPorts();
    const system = await startSystem(supervisor('top', flags, []), ports);
    expect(system.tree()).toMatchObject({ id: 'top', lifecycle: 'ready', children: [] });
    expect(yes(system.supervisor('top').count())).toEqual({
      specs: 0,
      active: 0,
      supervisors: 0,
      workers: 0,
    });
    await system.stop();

    expect(await system.done).toMatchObject({ kind: 'shutdown' });
    expect(log.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  conforms('sup_start_ignore_init', async () => {
    const diary: string[] = [];
    const world = await startWorld([]);
    const answer = await world.system.supervisor('top').start(worker(child('a', diary, script('ignored'))));

    expect(answer).toEqual({ ref: null, info: undefined });
    expect(diary).toEqual([]);
    expect(world.log.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(world.system.tree().lifecycle).toBe('ready');
  });

  conforms('sup_start_ignore_child', async () => {
    const world = await startWorld([worker(child('a', [], script('ignored'))), worker(child('b'))]);
    const handle = world.system.supervisor('top');

    expect(yes(handle.child('a'))).toMatchObject({ id: 'a', state: 'undefined', ref: null });
    expect(yes(handle.child('b')).state).toBe('running');
    expect(yes(handle.count())).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
  });

  conforms('sup_start_ignore_temporary_child', async () => {
    const ignoring = worker(child('a', [], script('ignored')), { restart: 'temporary' });
    const world = await startWorld([ignoring, worker(child('b'))]);
    const handle = world.system.supervisor('top');

    expect(yes(handle.children()).map(({ id }) => id)).toEqual(['b']);
    expect(yes(handle.count())).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });
  });

  conforms('sup_start_ignore_temporary_child_start_child', async () => {
    const world = await startWorld([]);
    const handle = world.system.supervisor('top');
    const ignoring = worker(child('a', [], script('ignored')), { restart: 'temporary' });
    expect(yes(await handle.start(ignoring)).ref).toBeNull();
    expect(yes(await handle.start(worker(child('b')))).ref?.path).toBe('top/b');

    expect(yes(handle.children()).map(({ id }) => id)).toEqual(['b']);
    expect(yes(handle.count())).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });
  });

  conforms('sup_start_ignore_temporary_child_start_child_simple', () => ignoredInPool('temporary'));

  conforms('sup_start_ignore_permanent_child_start_child_simple', () => ignoredInPool('permanent'));

  conforms('sup_start_error_return', async () => {
    const { kind: _, ...kindless } = supervisor('top', flags, []);
    for (const spec of [null, undefined, 42, 'top', {}, [], kindless, worker(child('a'))]) {
      expect(codeOf(await failureOf(spec)), JSON.stringify(spec)).toMatch(/^SPEC_INVALID_/);
    }
  });

  conforms('sup_start_fail', async () => {
    for (const later of [false, true]) {
      for (const what of [new Error('no disk'), 'no disk']) {
        const diary: string[] = [];
        const failure = await failureOf(
          supervisor('top', flags, [
            worker(child('a', diary)),
            throwing(what, later),
            worker(child('c', diary)),
          ]),
        );

        expect(failure).toMatchObject({
          code: 'SUPERVISOR_START_FAILED',
          details: { path: 'top/broken' },
          cause: { message: 'no disk' },
        });
        expect(((failure as Error).cause as Error).stack).toBeTruthy();
        expect(diary).toEqual(['a starts', 'a ends (shutdown)']);
      }
    }
  });

  conforms('sup_start_child_returns_error', async () => {
    for (const later of [false, true]) {
      for (const what of [new Error('no disk'), 'no disk', undefined]) {
        const world = await startWorld([worker(child('b'))]);
        const handle = world.system.supervisor('top');
        const answer = await handle.start(throwing(what, later));

        expect(answer).toMatchObject({ refused: 'SUPERVISOR_CHILD_START_FAILED' });
        expect(JSON.stringify(answer)).toContain(what === undefined ? 'undefined' : 'no disk');
        expect(no(handle.child('broken'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
        expect(lives(world)).toBe('b1');
        expect(world.system.ref('top/broken').send({ type: 'get' })).toBe(false);
      }
    }
  });

  conforms('sup_start_restart_child_returns_error', async () => {
    const world = await startWorld([worker(child('a', [], script('well', 'badly', 'well')))]);
    const handle = world.system.supervisor('top');
    await handle.terminate('a');

    expect(no(await handle.restart('a'))).toBe('SUPERVISOR_CHILD_START_FAILED');
    expect(yes(handle.child('a'))).toMatchObject({ state: 'undefined', ref: null });
    expect(yes(handle.count())).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 1 });
    yes(await handle.restart('a'));
    expect(yes(handle.child('a')).state).toBe('running');
  });

  conforms('sup_start_child_returns_error_simple', async () => {
    const { world, handle } = await startPool(child('a', [], script('well', 'badly', 'well')));
    yes(await handle.start(undefined, { id: 'x' }));
    expect(no(await handle.start(undefined, { id: 'y' }))).toBe('SUPERVISOR_CHILD_START_FAILED');

    expect(lives(world, 'pool')).toBe('x1');
    expect(yes(handle.count())).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });
    yes(await handle.start(undefined, { id: 'y' }));
    expect(lives(world, 'pool')).toBe('x1 y1');
  });

  conforms('sup_start_map', async () => {
    const world = await startWorld([worker(child('a')), supervisor('inner', flags, [])]);
    const handle = world.system.supervisor('top');

    expect(yes(handle.spec('a'))).toMatchObject({
      kind: 'worker',
      restart: 'permanent',
      shutdown: { withinMs: 5_000 },
      significant: false,
    });
    const inner = yes(handle.spec('inner'));
    expect(inner).toMatchObject({ kind: 'supervisor', restart: 'permanent', autoShutdown: 'never' });
    expect(inner).not.toHaveProperty('shutdown');
    expect(no(handle.spec('nobody'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    expect(no(handle.child('nobody'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
  });

  conforms('sup_start_map_simple', async () => {
    const { world, handle } = await startPool(child('a'), { restart: 'transient', args: 'common' });
    const { ref: x } = yes(await handle.start('own', { id: 'x' }));
    yes(await handle.start(undefined, { id: 'y' }));

    const common = {
      kind: 'worker',
      restart: 'transient',
      shutdown: { withinMs: 5_000 },
      significant: false,
    };
    expect(yes(handle.spec(x as never))).toMatchObject({ ...common, id: 'x', args: 'own' });
    expect(yes(handle.spec('y'))).toMatchObject({ ...common, id: 'y', args: 'common' });
    expect(no(handle.spec(world.system.ref('top/stranger') as never))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    expect(no(handle.spec('stranger'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
  });

  conforms('sup_start_map_faulty_specs', async () => {
    const good = worker(child('a'));
    const faulty: readonly (readonly [spec: unknown, code: string])[] = [
      [{ ...good, id: undefined }, 'SPEC_INVALID_ID'],
      [{ ...good, definition: undefined }, 'SPEC_INVALID_DEFINITION'],
      ['child', 'SPEC_INVALID_KIND'],
      [null, 'SPEC_INVALID_KIND'],
      [{ ...good, kind: 'gardener' }, 'SPEC_INVALID_KIND'],
    ];
    const world = await startWorld([]);
    const handle = world.system.supervisor('top');
    for (const [spec, code] of faulty) {
      expect(codeOf(await failureOf(supervisor('top', flags, [spec as ChildSpec]))), code).toBe(code);
      expect(no(await handle.start(spec as ChildSpec)), code).toBe(code);
    }
    expect(yes(handle.children())).toEqual([]);

    yes(await handle.start({ ...good, colour: 'green' } as ChildSpec));
    expect(lives(world)).toBe('a1');
  });
});

async function ignoredInPool(restart: 'temporary' | 'permanent'): Promise<void> {
  const { world, handle } = await startPool(child('a', [], script('well', 'ignored')), { restart });
  yes(await handle.start(undefined, { id: 'x' }));
  expect(yes(await handle.start(undefined, { id: 'y' }))).toEqual({ ref: null, info: undefined });

  expect(yes(handle.children()).map(({ id }) => id)).toEqual(['x']);
  expect(yes(handle.count())).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });
  await world.system.stop();
  expect(await world.system.done).toMatchObject({ kind: 'shutdown' });
}
