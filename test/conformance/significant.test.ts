/** Children whose own end is the end of their supervisor: who counts, in which mode, and how far it climbs. */
import { describe, expect } from 'vitest';
import {
  type AutoShutdown,
  type ChildSpec,
  pool,
  problemsOf,
  type Restart,
  type Strategy,
  type SupervisorSpec,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { startWorld, type World } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child, type Way, ways } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { ends, lives } from './support/story.ts';

const modes: readonly AutoShutdown[] = ['never', 'any_significant', 'all_significant'];
const upgradable = ['any_significant', 'all_significant'] as const;
const strategies: readonly Strategy[] = ['one_for_one', 'one_for_all', 'rest_for_one'];

interface Member {
  readonly restart: Restart;
  readonly significant?: boolean;
}

const spec = (id: string, { restart, significant = false }: Member): ChildSpec =>
  worker(child(id), { restart, significant });

const plan = (
  autoShutdown: AutoShutdown,
  members: Readonly<Record<string, Member>>,
  strategy: Strategy = 'one_for_one',
): SupervisorSpec =>
  supervisor(
    'inner',
    { strategy, intensity: 100, periodMs: 1_000, autoShutdown, restart: 'temporary' },
    Object.entries(members).map(([id, member]) => spec(id, member)),
  );

/** The plan under a root that lets it go when it ends. */
const start = (...given: Parameters<typeof plan>): Promise<World> => startWorld([plan(...given)]);

const isUp = (world: World): boolean => lives(world) !== '';
const inner = (world: World) => world.system.supervisor('top/inner');
const temporary = { restart: 'temporary', significant: true } as const;
const transient = { restart: 'transient', significant: true } as const;

describe('significant children', () => {
  conforms('nonsignificant_temporary', async () => {
    for (const mode of modes) {
      for (const way of ways) {
        const world = await start(mode, { a: { restart: 'temporary' }, b: { restart: 'temporary' } });
        for (const id of ['a', 'b']) await ends(world, `inner/${id}`, way);

        expect(isUp(world), `${mode} ${way}`).toBe(true);
        expect(lives(world, 'inner'), `${mode} ${way}`).toBe('');
      }
    }
  });

  conforms('nonsignificant_transient', async () => {
    for (const mode of modes) {
      for (const way of ways) {
        const world = await start(mode, { a: { restart: 'transient' }, b: { restart: 'transient' } });
        for (const id of ['a', 'b']) await ends(world, `inner/${id}`, way);

        expect(isUp(world), `${mode} ${way}`).toBe(true);
        expect(lives(world, 'inner'), `${mode} ${way}`).toBe(way === 'crash' ? 'a2 b2' : '');
      }
    }
  });

  conforms('significant_temporary', async () => {
    for (const way of ways) {
      const any = await start('any_significant', { a: temporary, b: temporary, c: { restart: 'permanent' } });
      await inner(any).terminate('a');
      expect(lives(any, 'inner'), way).toBe('b1 c1');
      await ends(any, 'inner/b', way);
      expect(isUp(any), way).toBe(false);

      const all = await start('all_significant', { a: temporary, b: temporary, c: { restart: 'permanent' } });
      await ends(all, 'inner/a', way);
      expect(lives(all, 'inner'), way).toBe('b1 c1');
      await ends(all, 'inner/b', way);
      expect(isUp(all), way).toBe(false);

      const byHand = await start('all_significant', { a: temporary, b: temporary });
      for (const id of ['a', 'b']) await inner(byHand).terminate(id);
      expect(isUp(byHand), way).toBe(true);
    }
  });

  conforms('significant_transient', async () => {
    for (const way of ways) {
      const any = await start('any_significant', { a: transient, b: transient });
      await ends(any, 'inner/a', way);
      expect(isUp(any), way).toBe(way === 'crash');
      if (way === 'crash') expect(lives(any, 'inner')).toBe('a2 b1');

      const all = await start('all_significant', { a: transient, b: transient });
      await ends(all, 'inner/a', way);
      expect(isUp(all), way).toBe(true);
      await ends(all, 'inner/b', way);
      expect(isUp(all), way).toBe(way === 'crash');
    }
    const byHand = await start('any_significant', { a: transient });
    await inner(byHand).terminate('a');
    expect(isUp(byHand)).toBe(true);
  });

  conforms('significant_simple', () => {
    const flags = { intensity: 1, periodMs: 1_000 };
    for (const restart of ['transient', 'temporary'] as const) {
      const template = worker(child('a'), { restart, significant: true });
      expect(problemsOf(pool('pool', template, flags)).map(({ code }) => code)).toEqual([
        'SPEC_INVALID_TEMPLATE',
      ]);
    }
    const whole = pool('pool', worker(child('a')), { ...flags, restart: 'transient', significant: true });
    const around = (autoShutdown: AutoShutdown) => ({ ...plan(autoShutdown, {}), children: [whole] });
    expect(problemsOf(around('any_significant'))).toEqual([]);
    expect(problemsOf(around('never'))).toHaveLength(1);
  });

  conforms('significant_bystander', async () => {
    for (const mode of upgradable) {
      for (const member of [temporary, transient]) {
        for (const strategy of strategies) {
          const label = `${mode} ${member.restart} ${strategy}`;
          const world = await start(mode, { a: { restart: 'permanent' }, b: member, c: member }, strategy);
          await ends(world, 'inner/a', 'crash');
          expect(isUp(world), label).toBe(true);

          const expected = strategy === 'one_for_one' ? 'a2 b1 c1' : member === transient ? 'a2 b2 c2' : 'a2';
          expect(lives(world, 'inner'), label).toBe(expected);
        }
      }
    }
  });

  conforms('significant_escalation', async () => {
    for (const [significant, climbs] of [
      [false, false],
      [true, true],
    ] as const) {
      const leaf = supervisor(
        'leaf',
        {
          ...{ strategy: 'one_for_one', intensity: 1, periodMs: 1_000, restart: 'transient' },
          ...{ autoShutdown: 'any_significant', significant },
        },
        [spec('a', transient)],
      );
      const middle = { ...plan('any_significant', { b: { restart: 'permanent' } }) };
      const world = await startWorld([{ ...middle, children: [...middle.children, leaf] }]);
      await ends(world, 'inner/leaf/a', 'normal');

      expect(isUp(world)).toBe(!climbs);
      if (!climbs) expect(lives(world, 'inner')).toBe('b1');
    }
  });

  conforms('significant_upgrade_never_any', async () => {
    const members = { a: { restart: 'transient' }, b: { restart: 'transient' } } as const;
    const world = await start('never', members);
    expect(no(await inner(world).start(spec('c', transient)))).not.toBe('accepted');
    expect(inner(world).change(plan('any_significant', { a: transient, b: transient }))).toBeNull();
    expect(lives(world, 'inner')).toBe('a1 b1');
    yes(await inner(world).start(spec('c', transient)));
    await ends(world, 'inner/a', 'normal');

    expect(isUp(world)).toBe(false);
  });

  conforms('significant_upgrade_any_never', () => toNever('any_significant'));

  conforms('significant_upgrade_never_all', async () => {
    const members = { a: { restart: 'transient' }, b: { restart: 'transient' } } as const;
    const world = await start('never', members);
    expect(inner(world).change(plan('all_significant', { a: transient, b: transient }))).toBeNull();
    yes(await inner(world).start(spec('c', transient)));
    for (const [id, up] of [
      ['a', true],
      ['b', true],
      ['c', false],
    ] as const) {
      await ends(world, `inner/${id}`, 'normal');
      expect(isUp(world), id).toBe(up);
    }
  });

  conforms('significant_upgrade_all_never', () => toNever('all_significant'));

  conforms('significant_upgrade_any_all', async () => {
    const members = { a: transient, b: transient };
    const world = await start('any_significant', members);
    expect(inner(world).change(plan('all_significant', members))).toBeNull();
    await ends(world, 'inner/a', 'normal');
    expect(lives(world, 'inner')).toBe('b1');
    await ends(world, 'inner/b', 'normal');

    expect(isUp(world)).toBe(false);
  });

  conforms('significant_upgrade_all_any', async () => {
    const members = { a: transient, b: transient, c: transient };
    const world = await start('all_significant', members);
    await ends(world, 'inner/a', 'normal');
    expect(inner(world).change(plan('any_significant', members))).toBeNull();
    expect(lives(world, 'inner')).toBe('b1 c1');
    await ends(world, 'inner/b', 'normal');

    expect(isUp(world)).toBe(false);
  });

  conforms('significant_upgrade_child', async () => {
    const ordinary = { restart: 'transient' } as const;
    const grown = await start('any_significant', { a: ordinary, b: ordinary });
    expect(inner(grown).change(plan('any_significant', { a: transient, b: ordinary }))).toBeNull();
    expect(yes(inner(grown).child('a')).significant).toBe(true);
    await ends(grown, 'inner/b', 'normal');
    expect(isUp(grown)).toBe(true);
    await ends(grown, 'inner/a', 'normal');
    expect(isUp(grown)).toBe(false);

    const shrunk = await start('any_significant', { a: transient });
    expect(inner(shrunk).change(plan('any_significant', { a: ordinary }))).toBeNull();
    await ends(shrunk, 'inner/a', 'normal');
    expect(isUp(shrunk)).toBe(true);

    const refused = await start('never', { a: ordinary });
    expect(no(inner(refused).change(plan('never', { a: transient })))).toMatch(/^SPEC_INVALID_/);
    expect(yes(inner(refused).child('a')).significant).toBe(false);
    await ends(refused, 'inner/a', 'normal');
    expect(isUp(refused)).toBe(true);
  });
});

/** From a mode that shuts down to one that does not: significant children cannot stay, nor come. */
async function toNever(before: 'any_significant' | 'all_significant'): Promise<void> {
  const world = await start(before, { a: transient, b: transient });
  expect(no(inner(world).change(plan('never', { a: transient, b: transient })))).toMatch(/^SPEC_INVALID_/);
  const ordinary = { restart: 'transient' } as const;
  expect(inner(world).change(plan('never', { a: ordinary, b: ordinary }))).toBeNull();
  expect(no(await inner(world).start(spec('c', transient)))).toMatch(/^SPEC_INVALID_/);
  for (const way of ['normal', 'shutdown'] satisfies Way[]) {
    await ends(world, `inner/${way === 'normal' ? 'a' : 'b'}`, way);
    expect(isUp(world), way).toBe(true);
  }
}
