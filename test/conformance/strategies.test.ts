/** One falls: who goes with it, who stays, and when it was one time too many. */
import { describe, expect } from 'vitest';
import { type Strategy, worker } from '../../runtime/index.ts';
import { startWorld } from '../runtime/support/world.ts';
import { child, script } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { ends, lives, refTo } from './support/story.ts';

const HOUR = 3_600_000;

/** `a`, `b`, `c` under `strategy`, two restarts an hour; the diary begins after they started. */
async function trio(strategy: Strategy) {
  const diary: string[] = [];
  const world = await startWorld(
    ['a', 'b', 'c'].map((name) => worker(child(name, diary))),
    { strategy, intensity: 2, periodMs: HOUR },
  );
  diary.length = 0;
  return { world, diary };
}

/** A third failure within the hour ends the supervisor, and with it everybody. */
async function thirdIsTooMany({ world, diary }: Awaited<ReturnType<typeof trio>>): Promise<void> {
  await ends(world, 'b', 'crash');
  expect(lives(world)).toContain('b3');
  diary.length = 0;
  await ends(world, 'b', 'crash');

  expect(await world.system.done).toMatchObject({
    kind: 'crashed',
    error: { code: 'SUPERVISOR_GAVE_UP', details: { path: 'top', child: 'b' } },
  });
  expect(diary).toEqual(['c ends (shutdown)', 'b ends (crashed)', 'a ends (shutdown)']);
  expect(world.system.ref('top/a').send({ type: 'get' })).toBe(false);
}

/** `b` cannot be restarted: each try counts, and the sibling goes down with the supervisor. */
async function triesCount(strategy: Strategy, expected: readonly string[]): Promise<void> {
  const diary: string[] = [];
  const plan = script('well', 'badly');
  const world = await startWorld([worker(child('a', diary)), worker(child('b', diary, plan))], {
    strategy,
    intensity: 4,
    periodMs: HOUR,
  });
  diary.length = 0;
  await ends(world, 'b', 'crash');

  expect(await world.system.done).toMatchObject({
    kind: 'crashed',
    error: { code: 'SUPERVISOR_GAVE_UP', cause: { message: 'b cannot start' } },
  });
  expect(plan.starts).toBe(1 + 4);
  expect(diary).toEqual(expected);
  expect(world.clock.armed).toBe(0);
}

const fourTimes = (...round: readonly string[]): string[] => [1, 2, 3, 4].flatMap(() => round);

describe('strategies and intensity', () => {
  conforms('multiple_restarts', async () => {
    const world = await startWorld([worker(child('a'))], { intensity: 1, periodMs: 1_000 });
    for (let failure = 1; failure <= 4; failure++) {
      await ends(world, 'a', 'crash');
      expect(lives(world)).toBe(`a${failure + 1}`);
      await world.clock.advance(2_100);
    }
    await ends(world, 'a', 'crash');
    await ends(world, 'a', 'crash');

    expect(await world.system.done).toMatchObject({ kind: 'crashed' });
  });

  conforms('one_for_one', async () => {
    const told = await trio('one_for_one');
    await ends(told.world, 'b', 'crash');

    expect(told.diary).toEqual(['b ends (crashed)', 'b starts']);
    expect(lives(told.world)).toBe('a1 b2 c1');
    await thirdIsTooMany(told);
  });

  conforms('one_for_one_escalation', () =>
    triesCount('one_for_one', ['b ends (crashed)', ...fourTimes('b fails to start'), 'a ends (shutdown)']),
  );

  conforms('one_for_all', async () => {
    const told = await trio('one_for_all');
    const { world, diary } = told;
    const old = refTo(world, 'c').incarnation;
    await ends(world, 'b', 'crash');

    expect(diary).toEqual([
      ...['c ends (shutdown)', 'b ends (crashed)', 'a ends (shutdown)'],
      ...['a starts', 'b starts', 'c starts'],
    ]);
    expect(refTo(world, 'c').incarnation).toBe(old + 1);
    expect(lives(world)).toBe('a2 b2 c2');
    await thirdIsTooMany(told);
  });

  conforms('one_for_all_escalation', () =>
    triesCount('one_for_all', [
      ...['b ends (crashed)', 'a ends (shutdown)'],
      ...fourTimes('a starts', 'b fails to start', 'a ends (shutdown)'),
    ]),
  );

  conforms('one_for_all_other_child_fails_restart', async () => {
    const diary: string[] = [];
    const plan = script('well', 'badly', 'well');
    const world = await startWorld([worker(child('a', diary)), worker(child('b', diary, plan))], {
      strategy: 'one_for_all',
      intensity: 3,
    });
    diary.length = 0;
    await ends(world, 'a', 'crash');

    expect(diary).toEqual([
      ...['b ends (shutdown)', 'a ends (crashed)'],
      ...['a starts', 'b fails to start', 'a ends (shutdown)'],
      ...['a starts', 'b starts'],
    ]);
    expect(lives(world)).toBe('a3 b3');
  });

  conforms('rest_for_one', async () => {
    const told = await trio('rest_for_one');
    const { world, diary } = told;
    await ends(world, 'b', 'crash');

    expect(diary).toEqual(['c ends (shutdown)', 'b ends (crashed)', 'b starts', 'c starts']);
    expect(lives(world)).toBe('a1 b2 c2');
    await thirdIsTooMany(told);
  });

  conforms('rest_for_one_escalation', () =>
    triesCount('rest_for_one', ['b ends (crashed)', ...fourTimes('b fails to start'), 'a ends (shutdown)']),
  );

  conforms('rest_for_one_other_child_fails_restart', async () => {
    const diary: string[] = [];
    const plan = script('well', 'badly', 'badly', 'well');
    const world = await startWorld(
      [worker(child('a', diary)), worker(child('b', diary, plan)), worker(child('c', diary))],
      { strategy: 'rest_for_one', intensity: 3 },
    );
    diary.length = 0;
    await ends(world, 'a', 'crash');

    expect(diary).toEqual([
      ...['c ends (shutdown)', 'b ends (shutdown)', 'a ends (crashed)'],
      ...['a starts', 'b fails to start', 'b fails to start', 'b starts', 'c starts'],
    ]);
    expect(lives(world)).toBe('a2 b4 c2');
  });
});
