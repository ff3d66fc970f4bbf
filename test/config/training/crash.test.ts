import { beforeAll, describe, expect, it } from 'vitest';
import { keyOf } from '../../../actors/tolaria/run-log.ts';
import {
  boundariesOf,
  finished,
  goOn,
  outcomeOf,
  recordsOf,
  runUntilPowerCut,
  runWorld,
} from './run-world.ts';
import { tinyConfig } from './tiny-config.ts';

const config = tinyConfig({ training: { epochs: 14 } });

describe('a run whose power goes', () => {
  let undisturbed: Awaited<ReturnType<typeof outcomeOf>> & { readonly operations: number };
  beforeAll(async () => {
    const world = runWorld();
    await finished(world, config);
    undisturbed = { ...(await outcomeOf(world)), operations: world.disk.operations };
  });

  it('ends the same wherever the power went, boundary by boundary, weight by weight', async () => {
    const { digests, model } = undisturbed;
    for (const [boundary] of digests) {
      const world = runWorld();
      await runUntilPowerCut(world, config, {
        after: (message) => message.type === 'tolaria.state.gathered' && message.boundary === boundary,
      });
      await goOn(world, config);
      expect(await outcomeOf(world), `boundary ${boundary}`).toEqual({ digests, model });
    }
  });

  it.each([0, 1, 2])('ends the same after a cut in the middle of a write, spread %i', async (spread) => {
    const { digests, model, operations } = undisturbed;
    for (let nth = 1 + spread * 5; nth < operations; nth += 19) {
      const world = runWorld();
      const cut = await runUntilPowerCut(world, config, { operation: nth }, nth);
      expect(cut).toBe(true);
      await goOn(world, config).catch((error) => {
        if (error.code !== 'RUN_ALREADY_ENDED') throw error;
      });
      expect(await outcomeOf(world), `operation ${nth}`).toEqual({ digests, model });
    }
  });

  it('suffers its planned faults again, and writes of each only once', async () => {
    const faulty = {
      // few checkpoints, so that most faults lie behind the one it goes on from
      ...tinyConfig({
        training: { epochs: 30, checkpointBoundaries: 9 },
        growth: { maxLiveSeeds: 2, placesPerSlot: 2 },
      }),
      faults: [
        { kind: 'tamiyo_throws', atStep: 4 },
        { kind: 'seed_actor_crash', atStep: 8 },
        { kind: 'seed_output_nan', atStep: 14 },
        { kind: 'gradient_explosion', atStep: 40 },
      ] as const,
    } as unknown as typeof config;
    const whole = runWorld();
    const ended = await finished(whole, faulty);
    const marks = async (world: typeof whole) =>
      (await recordsOf(world))
        .filter(({ type }) => type === 'tolaria.run.rolled_back' || type === 'tolaria.fault.contained')
        .map(keyOf);
    expect(ended).toMatchObject({ rollbacks: 3, disruptedSteps: 0 });
    expect((await marks(whole)).length).toBeGreaterThanOrEqual(7);
    for (const { boundary } of (await boundariesOf(whole)).filter((_, i) => i % 3 === 1)) {
      const world = runWorld();
      await runUntilPowerCut(world, faulty, {
        after: (message) => message.type === 'tolaria.state.gathered' && message.boundary === boundary,
      });
      const again = await goOn(world, faulty);
      expect(await outcomeOf(world), `boundary ${boundary}`).toEqual(await outcomeOf(whole));
      expect(await marks(world), `boundary ${boundary}`).toEqual(await marks(whole));
      expect(again).toMatchObject({ rollbacks: 3, disruptedSteps: 0, culled: ended.culled });
    }
  });

  it('survives three cuts in a row, each in the recovery from the one before', async () => {
    const { digests, model } = undisturbed;
    const world = runWorld();
    await runUntilPowerCut(world, config, { operation: 90 });
    await runUntilPowerCut(world, null, { operation: 20 });
    await runUntilPowerCut(world, null, { operation: 60 }, 5);
    await goOn(world, config);

    expect(await outcomeOf(world)).toEqual({ digests, model });
    const numbers = [...digests.keys()];
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect((await recordsOf(world)).filter(({ type }) => type === 'tolaria.run.ended')).toHaveLength(1);
  });
});
