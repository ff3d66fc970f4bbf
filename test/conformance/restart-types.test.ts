/** permanent always comes back, transient only after a failure, temporary never. */
import { describe, expect } from 'vitest';
import { EsperError } from '../../contracts/failure.ts';
import { type Restart, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { startWorld, worldPorts } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, script, type Way } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { ends, lives, refTo } from './support/story.ts';

/** A tree with the one child `a`, after it ended in `way`. */
async function ended(restart: Restart, way: Way) {
  const diary: string[] = [];
  const world = await startWorld([worker(child('a', diary), { restart })]);
  const handle = world.system.supervisor('top');
  await ends(world, 'a', way);
  return { world, diary, handle, counts: yes(handle.count()) };
}

const running = { specs: 1, active: 1, supervisors: 0, workers: 1 };
const keptOnly = { specs: 1, active: 0, supervisors: 0, workers: 1 };
const nothing = { specs: 0, active: 0, supervisors: 0, workers: 0 };
const shutdowns = ['shutdown', 'shutdown, with a why'] as const;

async function comesBack(restart: Restart, way: Way): Promise<void> {
  const { world, diary, counts } = await ended(restart, way);
  const kind = {
    normal: 'normal',
    crash: 'crashed',
    shutdown: 'shutdown',
    'shutdown, with a why': 'shutdown',
  };

  expect(diary).toEqual(['a starts', `a ends (${kind[way]})`, 'a starts']);
  expect(lives(world)).toBe('a2');
  expect(counts).toEqual(running);
  expect(await answerOf(world)).toBe(2);
}

async function answerOf(world: Awaited<ReturnType<typeof startWorld>>): Promise<unknown> {
  const asked = refTo(world, 'a').ask({ type: 'get' }, { withinMs: 1_000 });
  await world.clock.settle();
  return asked;
}

describe('restart types', () => {
  conforms('external_start_no_progress_log', async () => {
    const world = await startWorld([worker(child('a'))]);
    const reports = () =>
      world.log.lines.map(({ fields }) => fields.report).filter((one) => one !== undefined);
    const before = reports().length;
    await ends(world, 'a', 'crash');
    const said = world.log.lines.filter(({ fields }) => fields.report !== undefined).slice(before);

    expect(said.filter(({ fields }) => fields.report === 'crash')).toHaveLength(1);
    expect(said.filter(({ fields }) => fields.context === 'start')).toEqual([]);
  });

  conforms('permanent_normal', () => comesBack('permanent', 'normal'));

  conforms('transient_normal', async () => {
    const { world, handle, counts } = await ended('transient', 'normal');

    expect(lives(world)).toBe('');
    expect(counts).toEqual(keptOnly);
    expect(yes(handle.child('a'))).toMatchObject({ state: 'undefined', ref: null, restart: 'transient' });
  });

  conforms('temporary_normal', async () => {
    const { world, handle, counts } = await ended('temporary', 'normal');

    expect(lives(world)).toBe('');
    expect(counts).toEqual(nothing);
    expect(no(handle.spec('a'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
  });

  conforms('permanent_shutdown', async () => {
    for (const way of shutdowns) await comesBack('permanent', way);
  });

  conforms('transient_shutdown', async () => {
    for (const way of shutdowns) {
      const { world, handle, counts } = await ended('transient', way);
      expect(lives(world), way).toBe('');
      expect(counts, way).toEqual(keptOnly);

      const { ref } = yes(await handle.restart('a'));
      expect(ref?.path, way).toBe('top/a');
      expect(yes(handle.count()), way).toEqual(running);
      expect(await answerOf(world), way).toBe(2);
    }
  });

  conforms('temporary_shutdown', async () => {
    for (const way of shutdowns) {
      const { world, handle, counts } = await ended('temporary', way);
      expect(lives(world), way).toBe('');
      expect(counts, way).toEqual(nothing);

      yes(await handle.start(worker(child('a'), { restart: 'temporary' })));
      expect(yes(handle.count()), way).toEqual(running);
      expect(await answerOf(world), way).toBe(1);
    }
  });

  conforms('faulty_application_shutdown', async () => {
    const diary: string[] = [];
    const flags = { strategy: 'one_for_one', intensity: 0, periodMs: 1_000 } as const;
    const deep = supervisor('l1', flags, [
      supervisor('l2', flags, [worker(child('a', diary)), worker(child('b', diary, script('badly')))]),
    ]);
    const failure = await startSystem(supervisor('top', flags, [deep]), worldPorts().ports).catch(
      (thrown: unknown) => thrown,
    );

    const chain: Error[] = [];
    for (let one: unknown = failure; one instanceof Error; one = one.cause) chain.push(one);
    expect(chain.map((one) => (one instanceof EsperError ? one.details.path : one.message))).toEqual([
      'top/l1',
      'top/l1/l2',
      'top/l1/l2/b',
      'b cannot start',
    ]);
    expect(chain.at(-1)?.stack).toContain('fresh');
    expect(diary).toEqual(['a starts', 'b fails to start', 'a ends (shutdown)']);
  });

  conforms('permanent_abnormal', () => comesBack('permanent', 'crash'));

  conforms('transient_abnormal', () => comesBack('transient', 'crash'));

  conforms('temporary_abnormal', async () => {
    const { world, diary, counts, handle } = await ended('temporary', 'crash');

    expect(diary).toEqual(['a starts', 'a ends (crashed)']);
    expect(lives(world)).toBe('');
    expect(counts).toEqual(nothing);
    expect(no(handle.child('a'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
  });

  conforms('temporary_bystander', async () => {
    for (const strategy of ['one_for_all', 'rest_for_one'] as const) {
      const diary: string[] = [];
      const world = await startWorld(
        [
          worker(child('a', diary)),
          worker(child('b', diary), { restart: 'temporary' }),
          worker(child('c', diary)),
        ],
        { strategy, intensity: 1 },
      );
      await ends(world, 'a', 'crash');

      expect(lives(world), strategy).toBe('a2 c2');
      expect(
        diary.filter((line) => line.startsWith('b')),
        strategy,
      ).toEqual(['b starts', 'b ends (shutdown)']);
      expect(yes(world.system.supervisor('top').count()), strategy).toMatchObject({ specs: 2, active: 2 });
    }
  });
});
