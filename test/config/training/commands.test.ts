/** A run that people stop, send on and save: what it computes is what it would have computed. */
import { describe, expect, it } from 'vitest';
import { type OpenRun, openRun } from '../../../config/training/open-run.ts';
import { finished, orderOf, outcomeOf, recordsOf, runWorld, until } from './run-world.ts';
import { tinyConfig } from './tiny-config.ts';

const config = tinyConfig({ training: { epochs: 10, checkpointBoundaries: 50 } });

/** A run that stands still in its fourth boundary's wake. */
async function paused() {
  const world = runWorld(undefined, 1);
  let stopped: Promise<boolean> | null = null;
  const opening = openRun(orderOf(config), world.world());
  let early: OpenRun | null = null;
  void opening.then((opened) => {
    early = opened;
  });
  world.onNews = (message) => {
    if (message.type === 'tolaria.state.gathered' && message.boundary >= 4)
      stopped ??= early?.pause(10_000) ?? null;
  };
  const run = await until(world, opening);
  while (!world.news.some((news) => news.type === 'nissa.run_event.reported' && news.what === 'paused'))
    await world.clock.settle();
  return { world, run, stopped: stopped as Promise<boolean> | null };
}

describe('a run under command', () => {
  it('stands still, goes on, and ends as one that nobody stopped', async () => {
    const undisturbed = runWorld();
    await finished(undisturbed, config);
    const { world, run, stopped } = await paused();

    expect(await until(world, stopped as Promise<boolean>)).toBe(true);
    const before = world.news.length;
    for (let turn = 0; turn < 50; turn++) await world.clock.settle();
    expect(world.news).toHaveLength(before);
    expect(await until(world, run.pause(10_000))).toBe(false);
    expect(await until(world, run.goOn(10_000))).toBe(true);
    await until(world, run.closed);
    expect(await outcomeOf(world)).toEqual(await outcomeOf(undisturbed));
  });

  it('is saved where it stands, once', async () => {
    const { world, run } = await paused();
    const boundary = await until(world, run.checkpoint(10_000));
    await until(world, run.checkpoint(10_000));

    const written = (await recordsOf(world)).filter(({ type }) => type === 'tolaria.checkpoint.written');
    expect(written).toMatchObject([{ boundary }]);
    run.stop();
    expect((await until(world, run.closed)).ended.outcome).toBe('interrupted');
  });
});
