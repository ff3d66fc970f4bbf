import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../contracts/index.ts';
import {
  boundariesOf,
  finished,
  outcomeOf,
  type RunWorld,
  recordsOf,
  runUntilPowerCut,
  runWorld,
} from './run-world.ts';
import { tinyConfig } from './tiny-config.ts';

const config = tinyConfig();

const events = (world: RunWorld, what: string) =>
  world.news.filter(
    (message): message is RunEvent => message.type === 'nissa.run_event.reported' && message.what === what,
  );

/** Breaks the disk when a boundary is reached, and mends it some boundaries later. */
function trouble(world: RunWorld, from: number, to: number, breaks: () => void, mends: () => void): void {
  world.onNews = (message) => {
    if (message.type !== 'tolaria.state.gathered') return;
    if (message.boundary === from) breaks();
    if (message.boundary === to) mends();
  };
}

const troubles: ReadonlyArray<
  readonly [string, (world: RunWorld) => { breaks: () => void; mends: () => void }]
> = [
  [
    'the disk is full',
    ({ disk }) => ({
      breaks: () => {
        disk.capacity = 0;
        disk.fail({ operation: 'write', nth: 1, code: 'DISK_FULL', lasting: true });
      },
      mends: () => {
        disk.capacity = Number.POSITIVE_INFINITY;
        disk.heal();
      },
    }),
  ],
  [
    'no sync succeeds',
    ({ disk }) => ({
      breaks: () => disk.fail({ operation: 'sync', nth: 1, code: 'DISK_FAILED', lasting: true }),
      mends: () => disk.heal(),
    }),
  ],
  [
    'nothing on it can be changed',
    ({ disk }) => ({
      breaks: () => disk.fail({ operation: 'change', nth: 1, code: 'DISK_FAILED', lasting: true }),
      mends: () => disk.heal(),
    }),
  ],
];

describe.each(troubles)('when %s', (_, make) => {
  async function troubled(from = 5, to = 12): Promise<RunWorld> {
    const world = runWorld();
    const { breaks, mends } = make(world);
    trouble(world, from, to, breaks, mends);
    return world;
  }

  it('training goes on, adaptation pauses, and both are told', async () => {
    const world = await troubled();
    const ended = await finished(world, config);
    const boundaries = await boundariesOf(world);
    const paused = boundaries.filter(({ boundary }) => boundary > 5 && boundary <= 12);

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 0, disruptedSteps: 0 });
    expect(paused.flatMap(({ decisions }) => decisions)).toEqual([]);
    expect(
      boundaries.filter(({ boundary }) => boundary > 12).flatMap(({ decisions }) => decisions),
    ).not.toEqual([]);
    expect(events(world, 'degraded')).toHaveLength(1);
    expect(events(world, 'recovered')).toHaveLength(1);
  });

  it('the journal holds every boundary once, in order, when the trouble is over', async () => {
    const world = await troubled();
    await finished(world, config);
    const numbers = (await boundariesOf(world)).map(({ boundary }) => boundary);

    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect((await recordsOf(world)).filter(({ type }) => type === 'tolaria.run.ended')).toHaveLength(1);
  });

  it('a crash afterwards costs nothing: the pause is repeated, and the end is the same', async () => {
    const calm = await troubled();
    await finished(calm, config);
    const crashed = runWorld();
    const { breaks, mends } = make(crashed);
    await runUntilPowerCut(crashed, config, {
      after: (message) => {
        if (message.type !== 'tolaria.state.gathered') return false;
        if (message.boundary === 5) breaks();
        if (message.boundary === 12) mends();
        return message.boundary === 15;
      },
    });
    for (const path of crashed.disk.dump().keys())
      if (path.includes('/checkpoints/')) crashed.disk.flip(path, 99);
    await finished(crashed, null);

    expect(await outcomeOf(crashed)).toEqual(await outcomeOf(calm));
  });

  it('a run that ends meanwhile takes out what nobody could judge, and says that its end is not on record', async () => {
    const world = await troubled(8, Number.POSITIVE_INFINITY);

    await expect(finished(world, config)).rejects.toMatchObject({
      code: expect.stringMatching(/^(DISK|TOLARIA|CHECKPOINT)_/), // what broke, not that somebody gave up
    });
    expect(events(world, 'culled').map(({ details }) => details)).toMatchObject([
      { seedId: 's1', cullReason: 'run_ended' },
    ]);
  });
});

describe('a hiccup of the disk', () => {
  it('in a sync writes no record twice, and none is lost', async () => {
    for (let nth = 6; nth < 120; nth += 9) {
      const world = runWorld();
      world.disk.fail({ operation: 'sync', nth, code: 'DISK_FAILED' });
      const ended = await finished(world, config);
      const numbers = (await boundariesOf(world)).map(({ boundary }) => boundary);

      expect(ended.outcome, `sync ${nth}`).toBe('finished');
      expect(numbers, `sync ${nth}`).toEqual(numbers.map((_, i) => i));
    }
  });

  it('at a checkpoint is told, once when it begins and once when it is over', async () => {
    const world = runWorld();
    world.disk.fail({ operation: 'rename', nth: 3, code: 'DISK_FAILED' });
    await finished(world, config);

    expect(events(world, 'checkpoint_failed').map(({ text }) => text)).toEqual([
      expect.stringContaining('no checkpoint could be written, training goes on: rename'),
    ]);
    expect(events(world, 'checkpoint_mended')).toHaveLength(1);
  });

  it('at the last checkpoint does not fail the run: it is written again', async () => {
    const world = runWorld();
    await finished(world, config);
    const renames: number[] = [];
    for (const nth of [20, 21, 22]) {
      const again = runWorld();
      again.disk.fail({ operation: 'rename', nth, code: 'DISK_FAILED' });
      renames.push((await finished(again, config)).step);
    }

    expect(renames).toEqual([60, 60, 60]);
  });
});
