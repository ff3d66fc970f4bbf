import { afterEach, describe, expect, it, vi } from 'vitest';
import { Garden } from '../../../actors/kasmina/garden.ts';
import type { RunConfig } from '../../../contracts/index.ts';
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

/** How often Tamiyo's next decisions end in a crash. */
const tamiyo = vi.hoisted(() => ({ crashes: 0 }));
vi.mock('../../../actors/tamiyo/behaviour.ts', async (original) => {
  const behaviour = await original<typeof import('../../../actors/tamiyo/behaviour.ts')>();
  return {
    ...behaviour,
    decide(...args: Parameters<typeof behaviour.decide>) {
      if (tamiyo.crashes > 0) {
        tamiyo.crashes -= 1;
        throw new Error('a mistake in Tamiyo');
      }
      return behaviour.decide(...args);
    },
  };
});
/** Boundary at which the governor cries out, once. */
const governor = vi.hoisted(() => ({ looks: 0, alarmAt: 0 }));
vi.mock('../../../actors/tolaria/governor.ts', async (original) => {
  const sound = await original<typeof import('../../../actors/tolaria/governor.ts')>();
  return {
    ...sound,
    watch(...args: Parameters<typeof sound.watch>) {
      governor.looks += 1;
      if (governor.looks !== governor.alarmAt) return sound.watch(...args);
      return { state: args[0], alarm: { kind: 'lobotomy', reason: 'back at guessing' } };
    },
  };
});
afterEach(() => {
  Object.assign(governor, { looks: 0, alarmAt: 0 });
  tamiyo.crashes = 0;
  vi.restoreAllMocks();
});

const faulty = (kind: RunConfig['faults'][number]['kind'], atStep: number) =>
  tinyConfig({ faults: [{ kind, atStep }] });

async function run(config: RunConfig) {
  const world = runWorld();
  const ended = await finished(world, config);
  const records = await recordsOf(world);
  const of = <T extends string>(type: T) =>
    records.filter((record): record is Extract<typeof record, { type: T }> => record.type === type);
  return { world, ended, records, of, boundaries: await boundariesOf(world) };
}

/** Runs with a power cut in the middle, as late as the fault's traces last. */
async function runInTwo(config: RunConfig, boundary: number) {
  const world = runWorld();
  await runUntilPowerCut(world, config, {
    after: (message) => message.type === 'tolaria.state.gathered' && message.boundary === boundary,
  });
  // an older checkpoint, so that the fault is met again
  const checkpoints = [...world.disk.dump().keys()].filter((path) => path.includes('/checkpoints/')).sort();
  for (const path of checkpoints.slice(2)) world.disk.flip(path, 4_321);
  const ended = await goOn(world, config);
  return { world, ended };
}

describe('a seed that falls ill', () => {
  const ill = [
    ['its weights are NaN', 'seed_output_nan', 'not_finite'],
    ['its gradient explodes', 'gradient_explosion', 'exploding'],
  ] as const;

  it.each(ill)('is taken out when %s: the group goes back and no step is lost', async (_, kind, reason) => {
    const { ended, of, boundaries } = await run(faulty(kind, 13));
    const [rolledBack, ...more] = of('tolaria.run.rolled_back');
    const culls = boundaries
      .flatMap(({ transitions }) => transitions)
      .filter(({ to, cullReason }) => to === 'CULLED' && cullReason === reason);

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 1, disruptedSteps: 0, step: 60 });
    expect(more).toEqual([]);
    expect(rolledBack).toMatchObject({
      guilty: ['s1'],
      quarantinedBlueprints: [expect.any(String)],
      toStep: 12,
    });
    expect(culls).toMatchObject([{ seedId: 's1', from: 'BLENDING' }]);
    expect(boundaries.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(true);
  });

  it.each(ill)('leaves the same behind with a power cut in between, when %s', async (_, kind) => {
    const config = faulty(kind, 13);
    const { world, ended } = await run(config);
    const two = await runInTwo(config, 9);

    expect(await outcomeOf(two.world)).toEqual(await outcomeOf(world));
    expect(two.ended).toMatchObject({ rollbacks: ended.rollbacks, disruptedSteps: 0 });
  });

  it('is never planted again from the blueprint that was quarantined', async () => {
    const { of, boundaries } = await run(faulty('seed_output_nan', 13));
    const [banned] = of('tolaria.run.rolled_back')[0]?.quarantinedBlueprints ?? [];
    const later = boundaries
      .filter(({ step }) => step > 13)
      .flatMap(({ decisions }) => decisions)
      .filter(({ type }) => type === 'GERMINATE');

    expect(later.length).toBeGreaterThan(0);
    expect(later.map(({ chosen }) => chosen?.blueprintId)).not.toContain(banned);
  });

  it('is culled when its actor has crashed three times, without going back', async () => {
    const { ended, boundaries, of } = await run(faulty('seed_actor_crash', 10));
    const culled = boundaries.flatMap(({ transitions }) => transitions).filter(({ to }) => to === 'CULLED');

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 0, disruptedSteps: 0 });
    expect(culled[0]).toMatchObject({ seedId: 's1', cullReason: 'crashed' });
    expect(of('tolaria.fault.contained')).toMatchObject([{ injected: true, what: 'seed_actor_crash' }]);
  });
});

describe('a run that goes wrong as a whole', () => {
  it('goes back when the governor cries out, with half the rate and without what was growing', async () => {
    const calm = await run(tinyConfig());
    governor.looks = 0;
    governor.alarmAt = 6;
    const { ended, of, boundaries } = await run(tinyConfig());
    const culled = boundaries.flatMap(({ transitions }) => transitions).filter(({ to }) => to === 'CULLED');

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 1, disruptedSteps: 0 });
    expect(of('tolaria.run.rolled_back')).toMatchObject([
      { reason: 'lobotomy: back at guessing', guilty: ['s1'], quarantinedBlueprints: [], toBoundary: 4 },
    ]);
    expect(culled).toMatchObject([{ seedId: 's1', cullReason: 'rolled_back' }]);
    expect(boundaries[5]?.validationLoss).not.toBe(calm.boundaries[5]?.validationLoss);
  });

  it('gives up when going back and halving the rate does not help, and says where it stood', async () => {
    const { optimizer } = tinyConfig().training;
    const hopeless = tinyConfig({
      host: { loss: 'mse', outputActivation: 'linear' },
      training: { optimizer: { ...optimizer, name: 'sgd', rate: 1e37 } },
    });

    await expect(run(hopeless)).rejects.toMatchObject({
      code: 'SUPERVISOR_GAVE_UP',
      cause: expect.objectContaining({ message: expect.stringContaining('cannot get past step') }),
    });
  });
});

describe('Tamiyo that crashes', () => {
  it('once, is set back with the group and decides the same as ever', async () => {
    const calm = await run(tinyConfig());
    tamiyo.crashes = 1;
    const { world, ended, of } = await run(tinyConfig());

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 1, disruptedSteps: 0 });
    expect(of('tolaria.fault.contained')).toEqual([]);
    expect(await outcomeOf(world)).toEqual(await outcomeOf(calm.world));
  });

  it('by plan, likewise', async () => {
    const calm = await outcomeOf((await run(tinyConfig())).world);
    const { world, ended } = await run(faulty('tamiyo_throws', 20));

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 1, disruptedSteps: 0 });
    expect((await outcomeOf(world)).model).toEqual(calm.model);
  });

  it('always, is left in peace: training completes without adaptation', async () => {
    tamiyo.crashes = Number.POSITIVE_INFINITY;
    const { ended, boundaries, of } = await run(tinyConfig({ training: { epochs: 120 } }));

    expect(ended).toMatchObject({ outcome: 'finished', step: 360, disruptedSteps: 0, parameters: 17 });
    expect(ended.rollbacks).toBeLessThanOrEqual(4);
    expect(boundaries.flatMap(({ decisions }) => decisions)).toEqual([]);
    expect(of('tolaria.fault.contained').some(({ what }) => what.includes('breaker open'))).toBe(true);
  });

  it('for a while only, adapts again after its rest', async () => {
    tamiyo.crashes = 2;
    const { boundaries } = await run(tinyConfig());
    const decided = boundaries.filter(({ decisions }) => decisions.length > 0);

    expect(decided[0]?.boundary).toBeGreaterThanOrEqual(10);
  });

  it('is not asked again where it rested, when the run is resumed and it would be well', async () => {
    tamiyo.crashes = 2;
    const whole = await run(tinyConfig());
    tamiyo.crashes = 2;
    const two = await runInTwo(tinyConfig(), 14);

    expect(await outcomeOf(two.world)).toEqual(await outcomeOf(whole.world));
  });
});

describe('Kasmina that crashes', () => {
  /** At each of these calls, counted from 1. */
  function breaks(method: 'afterStep' | 'gather' | 'act' | 'save', ...nth: number[]): void {
    const sound = Garden.prototype[method] as (...args: unknown[]) => unknown;
    let calls = 0;
    vi.spyOn(Garden.prototype, method).mockImplementation(function (this: Garden, ...args: unknown[]) {
      calls += 1;
      if (nth.includes(calls)) throw new Error('a mistake in Kasmina');
      return sound.apply(this, args) as never;
    });
  }

  it.each([
    ['afterStep', 1],
    ['afterStep', 17],
    ['gather', 1],
    ['gather', 9],
    ['act', 1],
    ['act', 7],
    ['act', 10],
    ['save', 2],
    ['save', 25],
  ] as const)('in %s number %i, is set back with the group and the end is the same', async (method, nth) => {
    const calm = await outcomeOf((await run(tinyConfig())).world);
    breaks(method, nth);
    const { world, ended, boundaries } = await run(tinyConfig());

    expect(ended).toMatchObject({ outcome: 'finished', rollbacks: 1, disruptedSteps: 0 });
    expect(boundaries.map(({ boundary }) => boundary)).toEqual(boundaries.map((_, i) => i));
    expect(await outcomeOf(world)).toEqual(calm);
  });

  it('is not mistaken for Tamiyo', async () => {
    breaks('gather', 5, 9, 14);
    const { ended, of } = await run(tinyConfig());

    expect(ended.rollbacks).toBe(3);
    expect(of('tolaria.fault.contained')).toEqual([]);
  });

  it('once, and is resumed after a power cut as if it had never crashed', async () => {
    const calm = await outcomeOf((await run(tinyConfig())).world);
    breaks('act', 10);
    const two = await runInTwo(tinyConfig(), 14);

    expect(await outcomeOf(two.world)).toEqual(calm);
  });

  it('always, ends the run with the reason and nothing half written', async () => {
    vi.spyOn(Garden.prototype, 'afterStep').mockImplementation(() => {
      throw new Error('a mistake in Kasmina');
    });

    await expect(run(tinyConfig())).rejects.toMatchObject({
      code: 'SUPERVISOR_GAVE_UP',
      details: { child: 'kasmina' },
    });
  });
});
