/** What may be asked of a supervisor by hand, in every state, and which specs it takes. */
import { describe, expect } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type ChildSpec,
  type Message,
  pool,
  problemsOf,
  started,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { startWorld } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { startPool } from './support/pool.ts';
import { lives, refTo } from './support/story.ts';

const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
const codes = (spec: unknown): readonly string[] => problemsOf(spec as ChildSpec).map(({ code }) => code);

/** Tells whoever starts it how often it has been started, and with what. */
const talker = (): ActorDefinition<number, Message, never, unknown> => {
  let lives = 0;
  return {
    name: 'talker',
    fresh: (_cx, args) => started(++lives, { lives, args }),
    decide: { get: (state) => accept(state) },
  };
};

describe('administration', () => {
  conforms('child_adm', async () => {
    const world = await startWorld([worker(child('b'))]);
    const handle = world.system.supervisor('top');
    const spec = worker(child('a'));

    expect(yes(await handle.start(spec)).ref?.path).toBe('top/a');
    expect(await handle.start(spec)).toMatchObject({
      refused: 'SUPERVISOR_CHILD_ALREADY_STARTED',
      details: { path: 'top/a' },
    });
    expect(no(await handle.restart('a'))).toBe('SUPERVISOR_CHILD_RUNNING');
    expect(no(handle.delete('a'))).toBe('SUPERVISOR_CHILD_RUNNING');

    for (let twice = 0; twice < 2; twice++) {
      expect(await handle.terminate('a')).toBeNull();
      expect(yes(handle.child('a')).state).toBe('undefined');
      expect(yes(handle.count())).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
    }
    expect(no(await handle.start(spec))).toBe('SUPERVISOR_CHILD_ALREADY_PRESENT');
    expect(yes(await handle.restart('a')).ref?.path).toBe('top/a');
    expect(lives(world)).toBe('b1 a2');

    await handle.terminate('a');
    expect(handle.delete('a')).toBeNull();
    for (const gone of ['a', 'nobody']) {
      expect(no(await handle.terminate(gone))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
      expect(no(await handle.restart(gone))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
      expect(no(handle.delete(gone))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
      expect(no(handle.child(gone))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
      expect(no(handle.spec(gone))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    }

    await world.system.stop();
    for (const dead of [handle, world.system.supervisor('top/nowhere')]) {
      const answers = [
        ...[dead.children(), dead.count(), dead.child('b'), dead.spec('b'), dead.delete('b')],
        ...[await dead.start(spec), await dead.terminate('b'), await dead.restart('b')],
        dead.change(supervisor('top', flags, [])),
      ];
      expect(answers.map(no)).toEqual(new Array(9).fill('SUPERVISOR_GONE'));
    }
  });

  conforms('child_adm_simple', async () => {
    const stranger = worker(child('stranger'));
    const { world, handle } = await startPool(child('a'));
    yes(await world.system.supervisor('top').start(stranger));
    const { ref: x } = yes(await handle.start(undefined, { id: 'x' }));
    const { ref: y } = yes(await handle.start(undefined, { id: 'y' }));

    expect(no(await handle.start(undefined, { id: 'x' }))).toBe('SUPERVISOR_CHILD_ALREADY_STARTED');
    expect(no(await handle.restart('x'))).toBe('SUPERVISOR_POOL_NO_ADMIN');
    expect(no(handle.delete('x'))).toBe('SUPERVISOR_POOL_NO_ADMIN');
    expect(lives(world, 'pool')).toBe('x1 y1');

    expect(await handle.terminate(x as never)).toBeNull();
    expect(await handle.terminate(x as never)).toBeNull();
    expect(lives(world, 'pool')).toBe('y1');
    expect(no(await handle.terminate(refTo(world, 'stranger')))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    expect(lives(world)).toBe('pool1 stranger1');

    expect(await handle.terminate('y')).toBeNull();
    expect(y?.send({ type: 'get' })).toBe(false);
    await world.system.stop();
    expect(no(await handle.start())).toBe('SUPERVISOR_GONE');
    expect(no(await handle.terminate('x'))).toBe('SUPERVISOR_GONE');
    expect(no(handle.count())).toBe('SUPERVISOR_GONE');
  });

  conforms('extra_return', async () => {
    const world = await startWorld([worker(talker(), { id: 'first', args: 'spec' })]);
    const handle = world.system.supervisor('top');
    const spec = worker(talker(), { args: { deep: [1, 2] } });

    expect(yes(await handle.start(spec))).toMatchObject({ info: { lives: 1, args: { deep: [1, 2] } } });
    await handle.terminate('talker');
    expect(yes(await handle.restart('talker'))).toMatchObject({ info: { lives: 2, args: { deep: [1, 2] } } });

    const asked = ['first', 'talker'].map((id) => refTo(world, id).ask({ type: 'get' }, { withinMs: 1_000 }));
    await world.clock.settle();
    expect(await Promise.all(asked)).toEqual([1, 2]);
    expect(yes(handle.children()).map(({ state }) => state)).toEqual(['running', 'running']);
  });

  conforms('child_specs', async () => {
    const good = worker(child('a'));
    const bad: readonly (readonly [change: object, code: string])[] = [
      [{ id: '' }, 'SPEC_INVALID_ID'],
      [{ id: 'a/b' }, 'SPEC_INVALID_ID'],
      [{ id: 7 }, 'SPEC_INVALID_ID'],
      [{ definition: {} }, 'SPEC_INVALID_DEFINITION'],
      [{ definition: { fresh: () => null, decide: null } }, 'SPEC_INVALID_DEFINITION'],
      [{ restart: 'prmanent' }, 'SPEC_INVALID_RESTART'],
      [{ shutdown: { withinMs: -1 } }, 'SPEC_INVALID_SHUTDOWN'],
      [{ shutdown: { withinMs: Number.NaN } }, 'SPEC_INVALID_SHUTDOWN'],
      [{ shutdown: 'brutally' }, 'SPEC_INVALID_SHUTDOWN'],
      [{ startWithinMs: 0 }, 'SPEC_INVALID_START_WITHIN'],
      [{ register: 'a b' }, 'SPEC_INVALID_REGISTER'],
      [{ significant: 'yes' }, 'SPEC_INVALID_SIGNIFICANT'],
    ];
    const world = await startWorld([]);
    for (const [change, code] of bad) {
      expect(codes({ ...good, ...change }), JSON.stringify(change)).toContain(code);
      const answer = await world.system.supervisor('top').start({ ...good, ...change } as ChildSpec);
      expect(no(answer), JSON.stringify(change)).toMatch(/^SPEC_INVALID_/);
    }
    expect(lives(world)).toBe('');

    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      for (const shutdown of [
        'brutal_kill',
        { withinMs: 1 },
        { withinMs: Number.POSITIVE_INFINITY },
      ] as const) {
        expect(codes({ ...good, restart, shutdown })).toEqual([]);
      }
    }
    expect(codes(supervisor('top', flags, [good, good]))).toEqual(['SPEC_INVALID_DUPLICATE_ID']);
    expect(codes(pool('pool', good, flags))).toEqual([]);
    for (const template of [undefined, [good], [good, good], supervisor('inner', flags, [])]) {
      expect(codes({ ...pool('pool', good, flags), template })).toEqual(['SPEC_INVALID_TEMPLATE']);
    }
  });

  conforms('child_specs_map', async () => {
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      for (const autoShutdown of ['never', 'any_significant', 'all_significant'] as const) {
        for (const significant of [false, true]) {
          const label = `${restart} ${autoShutdown} ${significant}`;
          const spec = worker(child('a'), { restart, significant });
          const legal = !significant || (autoShutdown !== 'never' && restart !== 'permanent');
          expect(codes(supervisor('top', { ...flags, autoShutdown }, [spec])).length === 0, label).toBe(
            legal,
          );

          const world = await startWorld([], { autoShutdown });
          const answer = no(await world.system.supervisor('top').start(spec));
          if (legal) expect(answer, label).toBe('accepted');
          else expect(answer, label).toMatch(/^SPEC_INVALID_(SIGNIFICANT|AUTO_SHUTDOWN)$/);
          expect(lives(world), label).toBe(legal ? 'a1' : '');
        }
      }
    }
  });

  conforms('sup_flags', () => {
    const good = supervisor('top', flags, []);
    const bad: readonly (readonly [change: object, code: string])[] = [
      [{ strategy: 'one_for_two' }, 'SPEC_INVALID_STRATEGY'],
      [{ strategy: undefined }, 'SPEC_INVALID_STRATEGY'],
      ...[-1, 1.5, Number.NaN, '1', Number.POSITIVE_INFINITY].map(
        (intensity) => [{ intensity }, 'SPEC_INVALID_INTENSITY'] as const,
      ),
      ...[0, -1, Number.NaN, '1', Number.POSITIVE_INFINITY].map(
        (periodMs) => [{ periodMs }, 'SPEC_INVALID_PERIOD'] as const,
      ),
      [{ autoShutdown: 'sometimes' }, 'SPEC_INVALID_AUTO_SHUTDOWN'],
      [{ onFailure: 'weep' }, 'SPEC_INVALID_ON_FAILURE'],
      [{ checkpoints: 0 }, 'SPEC_INVALID_CHECKPOINTS'],
      [{ backoff: { firstMs: 10, maxMs: 1 } }, 'SPEC_INVALID_BACKOFF'],
      [{ children: 'a, b' }, 'SPEC_INVALID_CHILDREN'],
    ];
    for (const [change, code] of bad) {
      expect(codes({ ...good, ...change }), JSON.stringify(change)).toEqual([code]);
    }
    expect(codes({ ...good, colour: 'green' })).toEqual([]);
    expect(codes(good)).toEqual([]);
  });
});
